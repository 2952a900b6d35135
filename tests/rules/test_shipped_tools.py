"""What a shipped image need not hold: build images, build tools, whole trees of a stage."""

import pytest

from rule_answers import cases, codes, findings, fixed, levels, shown

# --- build-image-shipped ---

GO = "FROM golang:1.26-bookworm\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\n"


@pytest.mark.parametrize(
    ("text", "level", "kind"),
    [
        (GO + 'CMD ["/app"]\n', "warning", "unsafe"),
        (GO, "info", None),
        (GO + 'CMD ["bash"]\n', "info", None),
        (GO + "CMD /app\n", "warning", "display"),
        (GO + 'RUN apt-get install -y curl\nCMD ["/app"]\n', "warning", "display"),
        (GO + 'USER app\nCMD ["/app"]\n', "warning", "display"),
        (GO + 'HEALTHCHECK CMD curl x\nCMD ["/app"]\n', "warning", "display"),
        (GO + 'EXPOSE $PORT\nCMD ["/app"]\n', "warning", "display"),
        (GO.replace("RUN go", "RUN go generate && go") + 'CMD ["/app"]\n', "warning", "unsafe"),
        (GO.replace("-o /app .", "-o /app . && echo done") + 'CMD ["/app"]\n', "warning", "display"),
        ('FROM golang:1.26 AS x\nFROM scratch AS y\nFROM x\nRUN go build -o /a .\nCMD ["/a"]\n', "warning", None),
        ('FROM rust:1.90\nWORKDIR /s\nRUN cargo build --release\nCMD ["target/release/a"]\n', "warning", "display"),
        ('FROM gcc:13\nRUN gcc -o /a a.c\nCMD ["/a"]\n', "warning", "display"),
    ],
)
def test_toolchain_ships(text, level, kind):
    (finding,) = findings("build-image-shipped", text)
    assert finding.severity == level
    assert (finding.fix.applicability if finding.fix else None) == kind
    assert "tally:prefer-multi-stage-build" in finding.aliases


@cases(
    {
        "two stages": GO.replace("\n", " AS b\n", 1) + 'FROM scratch\nCOPY --from=b /app /app\nCMD ["/app"]\n',
        "it runs the toolchain": 'FROM golang:1.26\nCOPY . .\nCMD ["go", "run", "."]\n',
        "it watches": 'FROM golang:1.26\nRUN go install github.com/air-verse/air@v1\nCMD ["air"]\n',
        "dotnet watch": 'FROM mcr.microsoft.com/dotnet/sdk:8.0\nCOPY . .\nCMD ["dotnet", "watch", "run"]\n',
        "an image to build in": "FROM golang:1.26\nRUN go install example.com/tool@v1\n",
        "a script": 'FROM golang:1.26\nCOPY e.sh /e.sh\nENTRYPOINT ["/e.sh"]\n',
        "no toolchain": 'FROM python:3.12\nCMD ["python"]\n',
        "unknown": 'ARG B\nFROM $B\nRUN go build -o /app .\nCMD ["/app"]\n',
    }
)
def test_toolchain_does_not_ship(text):
    assert not findings("build-image-shipped", text)


TWO_STAGES = {
    "go": (
        "FROM golang:1.26-bookworm\nENV CGO_ENABLED=0\nENV PORT=80\nLABEL a=b\nWORKDIR /src\nCOPY . .\n"
        'RUN go build -o app ./cmd/app\nEXPOSE 80\nUSER 1000\nENTRYPOINT ["./app"]\nCMD ["-v"]\n',
        "FROM golang:1.26-bookworm AS build\nENV CGO_ENABLED=0\nENV PORT=80\nLABEL a=b\nWORKDIR /src\nCOPY . .\n"
        "RUN go build -o app ./cmd/app\n\n"
        "FROM gcr.io/distroless/static-debian13:nonroot\nENV PORT=80\nLABEL a=b\nWORKDIR /src\n"
        'COPY --from=build /src/app /src/app\nEXPOSE 80\nUSER 1000\nENTRYPOINT ["./app"]\nCMD ["-v"]\n',
    ),
    "rust": (
        'FROM rust:1.90-bookworm AS b\nWORKDIR /s\nCOPY . .\nRUN cargo build --release\nCMD ["/s/target/release/a"]\n',
        "FROM rust:1.90-bookworm AS b\nWORKDIR /s\nCOPY . .\nRUN cargo build --release\n\n"
        "FROM debian:bookworm-slim\nWORKDIR /s\nCOPY --from=b /s/target/release/a /s/target/release/a\n"
        'CMD ["/s/target/release/a"]\n',
    ),
    "dotnet": (
        "FROM mcr.microsoft.com/dotnet/sdk:8.0\nWORKDIR /s\nCOPY . .\nRUN dotnet publish -c Release -o /o\n"
        'WORKDIR /o\nENTRYPOINT ["dotnet", "A.dll"]\n',
        "FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build\nWORKDIR /s\nCOPY . .\nRUN dotnet publish -c Release -o /o\n\n"
        "FROM mcr.microsoft.com/dotnet/aspnet:8.0\nWORKDIR /s\nCOPY --from=build /o /o\n"
        'WORKDIR /o\nENTRYPOINT ["dotnet", "A.dll"]\n',
    ),
    "gradle": (
        'FROM gradle:8-jdk17\nWORKDIR /s\nCOPY . .\nRUN gradle build\nCMD ["java", "-jar", "build/libs/a.jar"]\n',
        "FROM gradle:8-jdk17 AS build\nWORKDIR /s\nCOPY . .\nRUN gradle build\n\n"
        "FROM eclipse-temurin:17-jre\nWORKDIR /s\nCOPY --from=build /s/build/libs/a.jar /s/build/libs/a.jar\n"
        'CMD ["java", "-jar", "build/libs/a.jar"]\n',
    ),
}


@pytest.mark.parametrize(("before", "after"), list(TWO_STAGES.values()), ids=list(TWO_STAGES))
def test_two_stage_form(before, after):
    assert fixed("build-image-shipped", before) == after
    assert fixed("build-image-shipped", before.replace("\n", "\r\n")) == after.replace("\n", "\r\n")
    assert not shown("build-image-shipped", after)


def test_a_program_that_reads_files_keeps_them(tmp_path):
    (tmp_path / "templates").mkdir()
    (finding,) = findings("build-image-shipped", GO + 'CMD ["/app"]\n', str(tmp_path))
    assert finding.fix.applicability == "display"


def test_sizes_are_said_of_what_was_measured_only():
    debian = findings("build-image-shipped", GO + 'CMD ["/app"]\n')[0]
    alpine = findings("build-image-shipped", GO.replace("bookworm", "alpine") + 'CMD ["/app"]\n')[0]
    assert (debian.saving.size, debian.saving.basis) == (310_300_000, "table")
    assert alpine.saving is None
    assert "312 MB" not in alpine.message


# --- build-tools-shipped ---


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('FROM python:3.12-slim\nRUN apt-get install -y curl gcc libpq-dev\nCMD ["x"]\n', "gcc and libpq-dev stay"),
        ('FROM alpine:3.22\nRUN apk add -U build-base\nCMD ["x"]\n', "build-base stays"),
        ('FROM php:8.4-alpine\nRUN apk add $PHPIZE_DEPS\nCMD ["x"]\n', "$PHPIZE_DEPS stays"),
        ('FROM rockylinux:9\nRUN dnf groupinstall -y "Development Tools"\nCMD ["x"]\n', "Development Tools stays"),
        ('FROM debian:13\nRUN P="gcc make" && apt-get install -y $P\nCMD ["x"]\n', "gcc and make stay"),
        (
            'FROM debian:13\nRUN apt-get install -y gcc g++ make cmake nasm\nCMD ["x"]\n',
            "gcc, g++, make and 2 more stay",
        ),
    ],
)
def test_tools_that_stay(text, words):
    (finding,) = shown("build-tools-shipped", text)
    assert finding.message == f"{words} in the image"
    assert finding.severity == "warning"


@cases(
    {
        "removed by name": 'FROM debian:13\nRUN apt-get install -y gcc && make && apt-get purge -y gcc\nCMD ["x"]\n',
        "removed as a group": 'FROM alpine:3.22\nRUN apk add -t .d gcc && x && apk del .d\nCMD ["x"]\n',
        "removed by the same variable": (
            'FROM debian:13\nARG D\nRUN apt-get install -y gcc $D && apt-get purge -y $D\nCMD ["x"]\n'
        ),
        "marked": (
            "FROM debian:13\n"
            'RUN apt-get install -y gcc && apt-mark auto gcc && apt-get purge -y --auto-remove\nCMD ["x"]\n'
        ),
        "removed later": 'FROM debian:13\nRUN apt-get install -y gcc\nRUN apt-get purge -y gcc\nCMD ["x"]\n',
        "in a stage that does not ship": (
            "FROM debian:13 AS a\nRUN apt-get install -y gcc\nFROM debian:13\nCOPY --from=a /x /x\n"
        ),
        "it is what runs": 'FROM debian:13\nRUN apt-get install -y make\nCMD ["make"]\n',
        "a stage for it": 'FROM debian:13 AS dev\nRUN apt-get install -y gcc\nCMD ["x"]\n',
        "no tools": 'FROM debian:13\nRUN apt-get install -y curl libpq5 gcc-12-base\nCMD ["x"]\n',
        "a toolchain image has its own rule": 'FROM golang:1.26\nRUN apt-get install -y gcc\nCMD ["x"]\n',
    }
)
def test_tools_that_do_not_stay(text):
    assert not findings("build-tools-shipped", text)


def test_an_image_without_a_start_is_information():
    assert levels("build-tools-shipped", "FROM debian:13\nRUN apt-get install -y gcc\n") == ["info"]
    assert levels("build-tools-shipped", 'FROM debian:13\nRUN apt-get install -y gcc\nCMD ["bash"]\n') == ["info"]


@pytest.mark.parametrize(
    ("run", "result"),
    [
        (
            "apk add --no-cache gcc && pip install x",
            "apk add --no-cache --virtual .build-deps gcc && pip install x && apk del .build-deps",
        ),
        ("apk add --no-cache gcc curl && pip install x", None),
        ("apk add --no-cache gcc libffi-dev && pip install x", None),
        ("apk add --no-cache gcc", None),
        ("apk add --no-cache gcc && pip install x\nRUN pip install y", None),
        ("apk add --no-cache gcc; pip install x", None),
    ],
)
def test_tools_are_removed_in_their_run(run, result):
    text = f'FROM python:3.12-alpine\nRUN {run}\nCMD ["x"]\n'
    assert fixed("build-tools-shipped", text) == (text.replace(run, result) if result else text)


# --- overbroad-stage-copy ---


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("FROM python:3.12 AS b\nFROM debian:13\nCOPY --from=b /usr/local /usr/local\n", "warning"),
        ("FROM debian:13 AS b\nFROM debian:13\nCOPY --from=b /usr/ /usr/\n", "warning"),
        ("FROM debian:13 AS b\nFROM scratch\nCOPY --from=b / /\n", "warning"),
        ("FROM debian:13\nCOPY --from=node:22 /root /root\n", "warning"),
        ("ARG B\nFROM $B AS b\nRUN x\nFROM debian:13\nCOPY --from=b /opt /opt\n", "warning"),
        ("FROM a:1 AS b\nWORKDIR /s\nRUN mvn package\nFROM debian:13\nCOPY --from=b /s /s\n", "info"),
        ("FROM a:1 AS b\nWORKDIR /s\nRUN dotnet publish -o out\nFROM debian:13\nCOPY --from=b /s .\n", "info"),
        (
            "FROM debian:13 AS b\nFROM debian:13 AS c\nCOPY --from=b /usr /usr\nFROM debian:13\nCOPY --from=c /x /x\n",
            "style",
        ),
        ("FROM debian:13\nCOPY --from=tonistiigi/xx:1 / /\n", "style"),
    ],
)
def test_copies_too_much(text, level):
    assert levels("overbroad-stage-copy", text) == [level]
    assert ("DL3067" in codes("overbroad-stage-copy", text)) == (" / /\n" in text)


@cases(
    {
        "a file": "FROM golang:1.26 AS b\nFROM debian:13\nCOPY --from=b /usr/local/bin/x /usr/local/bin/\n",
        "what a plain system holds empty": "FROM debian:13 AS b\nFROM debian:13\nCOPY --from=b /usr/local /usr/local\n",
        "a stage of products": "FROM scratch AS b\nCOPY x /\nFROM debian:13\nCOPY --from=b / /x/\n",
        "an image of a few files": "FROM debian:13\nCOPY --from=me/tools:1 / /tools/\n",
        "the context": "FROM debian:13\nCOPY / /\n",
        "the product": "FROM a:1 AS b\nWORKDIR /s\nRUN mvn package\nFROM debian:13\nCOPY --from=b /s/target /t\n",
    }
)
def test_copies_what_is_needed(text):
    assert not findings("overbroad-stage-copy", text)
