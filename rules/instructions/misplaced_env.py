from __future__ import annotations

from dfadvise.editing import cutting
from dfadvise.editing.keywords import keyword
from dfadvise.rule import Edit, Finding, Fix, Rule
from dfadvise.source import Span
from dfadvise.syntax.instructions import Env, bodies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Stage
    from dfadvise.syntax.instructions import Pair

DEVICES, CAPABILITIES = "tally:gpu/no-hardcoded-visible-devices", "tally:gpu/prefer-minimal-driver-capabilities"
# What an author writes to take the setting back.
NEUTRAL = ("", "dialog", "newt", "interactive", "readline", "low", "none")
PROXIES = frozenset(("http_proxy", "https_proxy", "ftp_proxy", "all_proxy"))


class MisplacedEnv(Rule):
    """ENV sets what belongs to the build or to the host.

    Why:
        ENV is in force in every container and in every image built on this one. A Debian frontend or a proxy of the
        build machine changes how people's own commands behave there; the ids of graphics cards are those of one host.

    Bad:
        FROM debian:12
        ENV DEBIAN_FRONTEND=noninteractive
        RUN apt-get update && apt-get install -y tzdata

    Good (for the build alone):
        FROM debian:12
        ARG DEBIAN_FRONTEND=noninteractive
        RUN apt-get update && apt-get install -y tzdata

    Bad (a card of one host):
        FROM nvidia/cuda:12.6.3-runtime-ubuntu24.04
        ENV MODEL=large CUDA_VISIBLE_DEVICES=0,1

    Good (the host decides):
        FROM nvidia/cuda:12.6.3-runtime-ubuntu24.04
        ENV MODEL=large

    Good (taken back at the end):
        FROM debian:12
        ENV DEBIAN_FRONTEND=noninteractive
        RUN apt-get update && apt-get install -y tzdata
        ENV DEBIAN_FRONTEND=

    Good (all of them, as the runtime gives them):
        FROM debian:12
        ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility

    Fix:
        unsafe: ARG for frontends and proxies; deletes the ids of cards.
    """

    on = ("stage",)
    mentions = ("DEBIAN_FRONTEND", "DEBCONF_", "_proxy", "_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES")
    keywords = ("ENV",)
    severity = "info"
    aliases = (DEVICES, CAPABILITIES)

    def check(self, stage: Stage) -> Iterator[Finding]:
        if not stage.is_exported:
            return
        last: dict[tuple[str, bool], tuple[Env, Pair]] = {}
        for instruction in stage.chain_instructions():
            for each in (instruction, *bodies(instruction)):
                if isinstance(each, Env):
                    for pair in each.pairs:
                        if _kind(pair.key):
                            last[pair.key, each.outer is not None] = each, pair
        for env, pair in last.values():
            found = self._pair(env, pair)
            if found is not None:
                yield found

    def _pair(self, env: Env, pair: Pair) -> Finding | None:
        kind = _kind(pair.key)
        value = env.stage.expand_partly(pair.value or "", env)
        if value is None:
            return None
        outer = env.outer or env
        if kind == "devices":
            if not _names_devices(value):
                return None
            deletion = cutting.pair(env, pair)
            fix = Fix(f"Delete {pair.key}", [deletion]) if deletion is not None else None
            message = f"{pair.key} names the graphics cards of one host"
            return self.finding(pair.span, message, outer, aliases=(DEVICES,), fix=fix)
        if kind == "capabilities":
            if value.strip() != "all":
                return None
            message = f"{pair.key}=all asks for every part of the driver, display and video included"
            return self.finding(pair.span, message, outer, aliases=(CAPABILITIES,))
        if value.lower() in NEUTRAL:
            return None
        if kind == "proxy" and env.outer is None and not _builds_after(env):
            return None
        whose = "the proxy of the build" if kind == "proxy" else "a setting of the build"
        return self.finding(
            pair.span, f"{pair.key} is {whose} and stays in every container", outer, fix=_arg(env, pair)
        )


def _builds_after(env: Env) -> bool:
    """Whether a step of the build has a use for what an ENV sets."""
    return any(each.keyword in ("RUN", "ADD", "ONBUILD") for each in env.stage.after(env))


def _kind(name: str) -> str:
    if name == "DEBIAN_FRONTEND" or name.startswith("DEBCONF_"):
        return "frontend"
    if name.lower() in PROXIES:
        return "proxy"
    if name in ("NVIDIA_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"):
        return "devices"
    return "capabilities" if name == "NVIDIA_DRIVER_CAPABILITIES" else ""


def _names_devices(value: str) -> bool:
    ids = [each.strip() for each in value.split(",")]
    return all(each.isdecimal() or each.startswith(("GPU-", "MIG-")) for each in ids)


def _arg(env: Env, pair: Pair) -> Fix | None:
    source = env.file.source
    value = pair.value or ""
    arg = keyword("ARG", env.file)
    title = f"Use {arg} for {pair.key}"
    if source.slice(pair.value_span) != value or any(char in value for char in " \t"):
        return None
    if len(env.pairs) == 1:
        edits = [Edit(env.name_span, arg)]
        if pair.legacy:
            edits.append(Edit(Span(pair.key_span.end, pair.value_span.start), "="))
        return Fix(title, edits)
    deletion = cutting.pair(env, pair)
    line = source.starts[env.line - 1]
    indent = source.slice(Span(line, env.name_span.start))
    if deletion is None or indent.strip():
        return None
    new = f"{indent}{arg} {pair.key}={value}{source.newline}"
    return Fix(title, [Edit(Span(line, line), new), deletion])
