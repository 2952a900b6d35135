"""What rules say of themselves before they are loaded holds for the tables that they read afterwards."""

from __future__ import annotations

import pytest

from dfadvise.knowledge import base_images, lists, packages
from rule_answers import RULES, concerned


@pytest.mark.parametrize("name", sorted(base_images._BUILD_IMAGES))
def test_every_toolchain_image_is_mentioned(name: str) -> None:
    assert any(word in name for word in RULES["build-image-shipped"].mentions)


@pytest.mark.parametrize("name", [*base_images._SLIM_SIZES, "debian", "eclipse-temurin", "nvidia/cuda"])
def test_every_image_with_a_smaller_sibling_is_mentioned(name: str) -> None:
    assert any(word in name for word in RULES["oversized-base-image"].mentions)


@pytest.mark.parametrize(
    "name", sorted([*lists._VOLATILE, *lists._VOLATILE_WITHOUT_DEFAULT, *(f"{p}X" for p in lists._VOLATILE_PREFIXES)])
)
def test_every_volatile_variable_is_a_concern(name: str) -> None:
    for each in (name, name.lower()):
        assert concerned("cache-busting-variable", f"FROM a\nARG {each}\nRUN b\n")
        assert concerned("cache-busting-variable", f"FROM a\nONBUILD ENV {each} $c\n")


@pytest.mark.parametrize(
    "name", sorted({*packages._GROUPS, *(each for of in packages.BUILD_TOOLS.values() for each in of)})
)
def test_every_build_tool_is_a_concern(name: str) -> None:
    assert concerned("build-tools-shipped", f"FROM a\nRUN b {name.replace('*', '')}\n")


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("invalid-base-image", "FROM a/B\n"),
        ("invalid-base-image", "FROM a..b\n"),
        ("invalid-base-image", "FROM a:\n"),
        ("invalid-base-image", "FROM localhost:5000/a\n"),
        ("invalid-base-image", "FROM my_host.io/a\n"),
        ("invalid-base-image", "ARG A\nFROM $A\n"),
        ("broken-continuation", "FROM a\nRUN b \\\n  COPY\tc d\n"),
        ("broken-continuation", "FROM a\nRUN \\\nCOPY c d\n"),
        ("broken-continuation", "FROM a\nONBUILD RUN b\\\nc\n"),
        ("broken-continuation", "FROM a\nRUN b # c \\\n && d\n"),
        ("unexpanded-shell-syntax", 'FROM a\nONBUILD CMD ["b", "&&", "c"]\n'),
        ("unexpanded-shell-syntax", 'FROM a\nCMD ["b", "2>&1"]\n'),
        ("unexpanded-shell-syntax", "FROM a\nWORKDIR ~/b\n"),
        ("stale-run", "FROM a\nRUN x && date>f\n"),
        ("stale-run", "FROM a\nRUN echo $(/bin/date) > f\n"),
        ("stale-run", "FROM a\nRUN echo `date` >> f\n"),
        ("stale-run", "FROM a\nRUN CURL https://x/Latest/y\n"),
        ("unresolvable-stage-reference", "FROM a AS b\nFROM B\n"),
        ("unresolvable-stage-reference", "FROM a\nRUN --mount=type=bind,FROM=b,target=/c d\n"),
        ("relative-path", "FROM a\nCOPY b c\nWORKDIR /d\n"),
        ("relative-path", 'FROM a\nWORKDIR "b"\n'),
        ("relative-path", "WORKDIR b\nFROM a\n"),
        ("relative-path", "FROM a\nONBUILD COPY b c\n"),
        ("path-overwrite", "FROM a\nENV PATH /b\n"),
        ("path-overwrite", "FROM a\nENV PATH=/b:$PATHS\n"),
        ("path-overwrite", "FROM a\nENV PATH='/b:$PATH'\n"),
        ("path-overwrite", "FROM a\nENV PATH=/b:\\$PATH\n"),
        ("overridden-instruction", "FROM a\ncmd b\nCMD c\n"),
        ("overridden-instruction", 'FROM a\nLABEL "b"=c\nLABEL b=d\n'),
        ("overridden-instruction", "FROM a\nENV b=c b=d\n"),
        ("undefined-variable", "FROM a\nRUN --mount=type=cache,target=$b c\n"),
        ("undefined-variable", "FROM a\nCOPY <<E b\n$c\nE\n"),
        ("undefined-variable", "ARG b=1\nFROM a\nRUN echo $b\n"),
        ("undefined-variable", "FROM a\nONBUILD ENV b=$c\n"),
        ("signal-swallowing-command", 'FROM a\nCMD ["/bin/sh", "-c", "b"]\n'),
        ("signal-swallowing-command", 'FROM a\nENTRYPOINT ["pnpm", "start"]\n'),
        ("signal-swallowing-command", 'FROM a\nCOPY <<E /b\nc\nE\nCMD ["/b"]\n'),
        ("entrypoint-clash", "FROM a\nENTRYPOINT b\nCMD c\n"),
        ("entrypoint-clash", 'FROM gcr.io/distroless/java\nCMD ["java", "-jar", "b"]\n'),
        ("invalid-expose", "FROM a\nEXPOSE 80:80\n"),
        ("invalid-expose", "FROM a\nONBUILD EXPOSE 99999\n"),
        ("trailing-comment", "FROM a\nEXPOSE 80\t# b\n"),
    ],
)
def test_what_looks_unusual_is_a_concern(rule: str, text: str) -> None:
    assert concerned(rule, text)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("invalid-base-image", "FROM ghcr.io/a/b-c:1.2-slim AS d\n"),
        ("broken-continuation", "FROM a\nRUN b \\\n && c\n"),
        ("unexpanded-shell-syntax", 'FROM a\nRUN b && $c > ~/d\nCMD ["e", "--f"]\n'),
        ("stale-run", "FROM a\nRUN apt-get update > b\n"),
        ("relative-path", "FROM a\nWORKDIR /b\nCOPY . .\n"),
        ("path-overwrite", 'FROM a\nENV PATH="/b:$PATH"\n'),
        ("undefined-variable", "FROM a\nRUN echo $b\nCMD $c\n"),
        ("build-tools-shipped", "FROM alpine\nRUN apk add mongo want # good\n"),
        ("overridden-instruction", "FROM a\nENV b=1 c=2\nCMD d\n"),
    ],
)
def test_what_is_usual_is_none(rule: str, text: str) -> None:
    assert not concerned(rule, text)
