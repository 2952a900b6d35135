"""What a build may lean on that is not there on another kind of base.

Source: the images of Debian 13, Alpine 3.22 and BusyBox 1.37's `--help`, and the distroless project's own
documentation, read 2026-11-24.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import words

# Package managers of other distributions, by kind of base.
FOREIGN = {
    "alpine": words("apt-get apt aptitude dpkg yum dnf microdnf rpm zypper pacman"),
    "slim": words("apk yum dnf rpm zypper pacman"),
}
# Options that BusyBox's own tools do not know.
GNU_OPTIONS = {
    "wget": ("--progress", "--show-progress", "--no-clobber", "--content-disposition"),
    "cp": ("--parents", "--reflink"),
    "grep": ("-P", "--perl-regexp"),
    "date": ("--iso-8601",),
    "tar": ("--transform", "--wildcards"),
    "ps": ("-ef", "aux"),
}
# What the address of a program built for glibc says of it.
GLIBC_MARKS = ("linux-gnu", "manylinux", "-gnu.", "glibc")
# In the full image of a language and not in its slim one.
COMPILERS = words("gcc g++ make cc")
# Programs that a CMD often starts, and that a distroless image has not got.
NOT_DISTROLESS = words("sh bash ash npm yarn pnpm npx gunicorn uvicorn")
DISTROLESS = "gcr.io/distroless/base-debian13"
