from __future__ import annotations

from dfadvise.base.bases import base_of
from dfadvise.managers.managedpython import refused_install
from dfadvise.rule import Finding, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.syntax.instructions import Run


class ManagedPythonInstall(Rule):
    """pip is told to install into the distribution's python, and refuses.

    Why:
        Debian from 12, Ubuntu from 23.04 and Alpine from 3.19 mark their python as managed by the distribution's
        package manager alone. pip then stops with "externally-managed-environment", and so does the build.

    Bad:
        FROM debian:12
        RUN apt-get update && apt-get install -y python3-pip
        RUN pip3 install flask==3.1.0

    Good:
        FROM debian:12
        RUN apt-get update && apt-get install -y python3-venv
        RUN python3 -m venv /venv && /venv/bin/pip install flask==3.1.0

    Bad (Alpine):
        FROM node:20-alpine
        RUN apk add --no-cache python3 py3-pip && python3 -m pip install -r requirements.txt

    Good (python images have one of their own):
        FROM python:3.12-alpine
        RUN pip install flask==3.1.0

    Good (the rule is known and set aside):
        FROM ubuntu:24.04
        RUN apt-get update && apt-get install -y python3-pip && pip install --break-system-packages flask==3.1.0

    Good (elsewhere):
        FROM ubuntu:24.04
        RUN apt-get update && apt-get install -y python3-pip && pip install --target /srv/lib flask==3.1.0

    Good (an older release):
        FROM ubuntu:22.04
        RUN apt-get update && apt-get install -y python3-pip && pip install flask==3.1.0

    Good (an image that nobody knows):
        FROM registry.example.com/base:12
        RUN apt-get update && apt-get install -y python3-pip && pip install flask==3.1.0

    Fix:
        none: a virtual environment changes where everything is.
    """

    on = ("RUN",)
    mentions = ("pip",)
    severity = "error"

    def check(self, run: Run) -> Iterator[Finding]:
        action = refused_install(run)
        if action is not None:
            base = base_of(run.stage)
            label = base.label if base is not None else ""
            message = f"pip refuses to install into the python of {label}, which is externally managed"
            yield self.finding(action.verb_word.span, message)
