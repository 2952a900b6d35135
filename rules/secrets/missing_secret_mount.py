from __future__ import annotations

from dfadvise.rule import Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from dfadvise.shell import ShellCommand
    from dfadvise.syntax.instructions import Run


class MissingSecretMount(Rule):
    """A command runs without the secret mount that the configuration asks for.

    Why:
        Where a private registry or a paid service is used, the credentials have to come from somewhere, and a secret
        mount is the place that leaves nothing behind. The option `commands` says which program wants which mount: a
        table by program with `id`, and `target` or `env`, and `required = true` to let the build fail without it.

    Options:
        rules.missing-secret-mount.commands.pip = { id = "pipconf", target = "/etc/pip.conf" }
        rules.missing-secret-mount.commands.npm = { id = "npm", env = "NPM_TOKEN", required = true }

    Bad (a file):
        # syntax=docker/dockerfile:1
        FROM python:3.13-slim
        RUN pip install --no-cache-dir app

    Bad (a variable):
        # syntax=docker/dockerfile:1
        FROM node:22-slim
        RUN npm ci

    Good:
        # syntax=docker/dockerfile:1
        FROM python:3.13-slim
        RUN --mount=type=secret,id=pipconf,target=/etc/pip.conf pip install --no-cache-dir app

    Good (required):
        # syntax=docker/dockerfile:1
        FROM node:22-slim
        RUN --mount=type=secret,id=npm,env=NPM_TOKEN,required npm ci

    Good (another program):
        FROM debian:13
        RUN apt-get update && echo "pip npm"

    Variants:
        not backtick: the other directive comes first

    Fix:
        unsafe: adds the mount; the build must then be given the secret.
    """

    on = ("RUN",)
    severity = "warning"
    default = "cfg"
    security = "5.0"
    aliases = ("tally:require-secret-mounts",)
    options = {"commands": {}}

    def check(self, run: Run) -> Iterator[Finding]:
        wanted: dict[str, Any] = self.settings["commands"]
        if not wanted:
            return
        from dfadvise.managers.packages import reading

        seen: set[str] = set()
        for command in reading(run).commands:
            name = _name(command, wanted)
            if name is None or name in seen:
                continue
            seen.add(name)
            asked = wanted[name]
            if not isinstance(asked, dict) or not isinstance(asked.get("id"), str) or _is_there(run, asked):
                continue
            yield self.finding(
                command.words[0].span,
                f"{command.program} runs without the secret {asked['id']}",
                aliases=self.aliases,
                fix=_fix(run, asked),
            )


def _name(command: ShellCommand, wanted: Mapping[str, Any]) -> str | None:
    """The entry of the table that is about a command; `pip3` and `python -m pip` are pip."""
    program = command.program or ""
    if program in wanted:
        return program
    if "pip" in wanted and (
        (program.startswith("pip") and not program[3:].strip("0123456789."))
        or (program.startswith("python") and [word.partial for word in command.words[1:3]] == ["-m", "pip"])
    ):
        return "pip"
    return None


def _is_there(run: Run, asked: Mapping[str, Any]) -> bool:
    for mount in run.mounts:
        if mount.type != "secret" or mount.options.get("id") != asked["id"]:
            continue
        if all(mount.options.get(key) == asked[key] for key in ("target", "env") if key in asked):
            return True
    return False


def _fix(run: Run, asked: Mapping[str, Any]) -> Fix | None:
    from dfadvise.editing.mountedits import with_mounts
    from dfadvise.knowledge.frontend import DEFAULT, frontend_version, supported

    directive = run.file.tree.directive("syntax")
    version = frontend_version(directive.value) if directive is not None else DEFAULT
    if version is None or not supported("secret env" if "env" in asked else "RUN --mount", version):
        return None
    if any(mount.type == "secret" and mount.options.get("id") == asked["id"] for mount in run.mounts):
        return None  # it is there, at another place
    options = [f"id={asked['id']}", *(f"{key}={asked[key]}" for key in ("target", "env") if key in asked)]
    if any(char in option for option in options for char in ", \t\n\"'"):
        return None
    mount = ",".join(["type=secret", *options, *(["required"] if asked.get("required") is True else [])])
    return Fix(f"Mount the secret {asked['id']}", [with_mounts(run, [mount])])
