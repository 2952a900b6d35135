from __future__ import annotations

from dfadvise.about import jsonish
from dfadvise.rule import Edit, Finding, Fix, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfadvise.stages import Dockerfile
    from dfadvise.syntax.instructions import Instruction

STARTING = frozenset(("CMD", "ENTRYPOINT"))


class MalformedExecForm(Rule):
    """An argument looks like a JSON array and is none.

    Why:
        Docker takes what is no valid JSON for the shell form, without a word: a shell then looks for a program named
        `[` or `['nginx',`, COPY for a file of that name.

    Bad (single quotes):
        FROM nginx:1.29
        CMD ['nginx', '-g', 'daemon off;']

    Good:
        FROM nginx:1.29
        CMD ["nginx", "-g", "daemon off;"]

    Bad (a comma is missing):
        FROM python:3.13-slim
        ENTRYPOINT ["python" "app.py"]

    Good (a test):
        FROM debian:12
        RUN [ -f /etc/passwd ] && echo "there is one"
        RUN [ "$(id -u)" = 0 ] || exit 1

    Good (another test):
        FROM debian:12
        RUN [[ -n "$HOME" ]] && echo "$HOME"
        ENTRYPOINT ["python", "app.py"]

    Fixed:
        FROM python:3.13-slim
        ENTRYPOINT ["python", "app.py"]

    Fix:
        unsafe: valid JSON, when it is clear where each element ends.
    """

    on = ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK", "COPY", "ADD", "VOLUME")
    severity = "error"
    aliases = ("kics:34945ae8", "sonar:S7030", "tally:invalid-json-form", "slim:ID.20013")

    @staticmethod
    def concerns(file: Dockerfile, text: str) -> bool:
        return any(each.form == "shell" and each.args and each.args[0].text.startswith("[") for each in file.walk())

    def check(self, instruction: Instruction) -> Iterator[Finding]:
        if instruction.form != "shell" or not instruction.args or not instruction.args[0].text.startswith("["):
            return
        keyword = instruction.keyword
        if keyword in ("COPY", "ADD", "VOLUME"):
            text = instruction.body.text
            if not jsonish.is_meant_as_array(text) and not (keyword == "VOLUME" and text.endswith("]")):
                return
            array = jsonish.Array(text)
        else:
            text = instruction.args[0].text
            array = jsonish.Array(text)
            if not array.is_meant(keyword in STARTING):
                return
        aliases: tuple[str, ...] = ("tally:invalid-json-form",)
        if keyword in STARTING:
            aliases += ("kics:34945ae8", "slim:ID.20013")
        if not array.closed or (array.has_quotes and len(array.rest) < 3):
            aliases += ("sonar:S7030",)
        span = instruction.args_span
        message = f"{keyword} starts like a JSON array and is none, so it is read as plain text"
        fix = None
        new = array.json()
        if new is not None and instruction.file.source.slice(span) == text:
            fix = Fix("Write valid JSON", [Edit(span, new)])
        yield self.finding(span, message, aliases=aliases, fix=fix, cause=("shell", id(instruction)))
