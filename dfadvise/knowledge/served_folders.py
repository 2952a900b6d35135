"""Folders that a server hands out as they are, so that a file in them is there to be fetched.

Sources, read 2026-11-24: the build files and shipped configuration of the official nginx, httpd, caddy, tomcat, jetty
and php:apache images, Debian's apache2 and nginx packages, and the Filesystem Hierarchy Standard 3.0 on /srv.
"""

from __future__ import annotations

SERVED = (
    "/srv",
    "/usr/share/caddy",
    "/usr/share/nginx",
    "/usr/local/apache2/htdocs",
    "/usr/local/tomcat/webapps",
    "/var/lib/jetty/webapps",
    "/var/lib/tomcat",
    "/var/www",
)
