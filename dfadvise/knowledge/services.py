"""Programs that start others as another user or need root themselves, and images that pick the user.

Sources: the programs' manual pages and the images' own build files, read 2026-11-24.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import words

# Programs that start another one as another user; images name them in their entrypoint scripts too.
DROPPERS = ("gosu", "su-exec", "setpriv", "s6-setuidgid", "s6-applyuidgid", "s6-overlay", "s6-svscan", "chpst")
SWITCHERS = words("su runuser setuidgid start-stop-daemon capsh sudo doas") | frozenset(DROPPERS)
INIT = words("init systemd my_init runsvdir runsvdir-start runit openrc-init s6-svscan systemd-init")
# They start what they start as other users.
LOGINS = words("sshd dropbear cron crond atd in.tftpd")
# Started as root, they drop it themselves, or need it: for ports, logs, devices, other users.
ROOT_SERVICES = LOGINS | words(
    "supervisord dockerd containerd rsyslogd syslog-ng dnsmasq openvpn wg-quick postfix master dovecot named chronyd"
    " ntpd vsftpd proftpd pure-ftpd smbd nmbd nginx openresty httpd apache2 apache2ctl apachectl apache2-foreground"
    " httpd-foreground php-fpm haproxy squid slapd krb5kdc kadmind rpcbind exportfs mysqld mariadbd postgres buildkitd"
    " keepalived bird frr zabbix_server x11vnc Xvfb xrdp dbus-daemon udevd"
)
ROOT_PACKAGES = words("openssh-server supervisor su-exec gosu cron cronie dcron s6 s6-overlay runit daemontools")
SCRIPTS = (".sh", ".bash")
ROOT_WORDS = ("chown", "chmod", "usermod", "useradd", "adduser", "groupmod", "/etc/", "/root", "mount", "iptables")
REPLS = words("ipython irb node R ruby julia ghci iex erl jshell lua scala sbcl guile pry bpython gdb psql pwsh deno")
INTERACTIVE = words("-i -l -a --login --interactive -il -li")
# They run a function for a platform, which picks the user.
FUNCTIONS = (
    "public.ecr.aws/lambda/",
    "public.ecr.aws/sam/",
    "amazon/aws-lambda-",
    "lambci/lambda",
    "mcr.microsoft.com/azure-functions/",
    "gcr.io/google-appengine/",
    "openfaas/",
)
# Their own entrypoint is a process manager that starts services as other users.
INIT_BASES = ("ghcr.io/linuxserver/", "lscr.io/linuxserver/", "linuxserver/", "lsiobase/", "phusion/")
