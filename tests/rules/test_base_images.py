"""What the rules about the choice of a base image say and do not say."""

import pytest

from dfadvise.testing import Bench
from rule_answers import RULES, cases, codes, findings, fixed, levels, shown, shown_under

DIGEST = "@sha256:" + "0123456789abcdef" * 4


# --- latest-base-image ---


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FROM debian\n", "DL3006"),
        ("FROM registry.example.com:5000/team/app\n", "DL3006"),
        ("ARG REGISTRY\nFROM ${REGISTRY}/ubuntu\n", "DL3006"),
        ("ARG IMAGE=debian\nFROM $IMAGE\n", "DL3006"),
        ("FROM debian:latest\n", "DL3007"),
        ("ARG TAG=latest\nFROM debian:${TAG}\n", "DL3007"),
        ("ARG A\nFROM $A/x:latest AS build\n", "DL3007"),
    ],
)
def test_no_version(text, code):
    assert code in codes("latest-base-image", text)
    assert "DS-0001" in codes("latest-base-image", text)
    assert levels("latest-base-image", text) == ["warning"]


@cases(
    {
        "a tag": "FROM debian:13\n",
        "a digest": f"FROM debian{DIGEST}\n",
        "latest with a digest": f"FROM debian:latest{DIGEST}\n",
        "a stage in any case of its own": "FROM debian:13 AS Build\nFROM build\n",
        "scratch": "FROM scratch\n",
        "an image that nobody knows": "ARG BASE\nFROM $BASE\n",
        "a tag that nobody knows": "ARG TAG\nFROM debian:$TAG\n",
        "a slip for a stage": "FROM debian:13 AS build\nFROM debian:13\nCOPY --from=biuld /a /b\n",
        "a stage that a variable chooses": "FROM debian:13 AS base-amd64\nFROM base-$TARGETARCH\n",
        "a suite": "FROM debian:trixie\nFROM ubuntu:noble\nFROM node:jod-bookworm-slim\n",
    }
)
def test_has_a_version(text):
    assert not findings("latest-base-image", text)


@cases(
    {
        "a word": "FROM debian:stable-slim\n",
        "a variant": "FROM nginx:alpine\n",
        "a release train": "FROM node:lts\n",
        "a rolling one": "FROM fedora:rawhide\n",
    }
)
def test_moving_tag_is_information(text):
    assert levels("latest-base-image", text) == ["info"]
    assert not codes("latest-base-image", text)


def test_copied_images_count_too():
    text = "FROM debian:13\nCOPY --from=nginx:latest /a /b\nRUN --mount=type=bind,from=ghcr.io/x/y,target=/t /t/run\n"
    assert shown_under("latest-base-image", text) == ["nginx:latest", "ghcr.io/x/y"]
    assert not codes("latest-base-image", text)  # the other tools look at FROM alone


def test_a_possible_tag_in_a_variable_is_a_style_finding():
    assert levels("latest-base-image", "ARG V\nFROM alpine$V\n") == ["style"]
    assert "DS-0001" in codes("latest-base-image", "ARG V\nFROM alpine$V\n")


# --- undigested-base-image, untrusted-registry ---


def test_digests():
    assert shown_under("undigested-base-image", f"FROM debian:13\nFROM debian:13{DIGEST}\nFROM scratch\n") == [
        "debian:13"
    ]
    assert not shown("undigested-base-image", "ARG BASE\nFROM $BASE AS a\nFROM a\n")
    assert RULES["undigested-base-image"].default == "off"


@pytest.mark.parametrize(
    ("trusted", "text", "count"),
    [
        (["docker.io"], "FROM debian:13\nFROM docker.io/a/b:1\nFROM library/debian:13\n", 0),
        (["hub.docker.com"], "FROM debian:13\n", 0),
        (["quay.io"], "FROM debian:13\n", 1),
        (["*.example.com"], "FROM a.example.com/x:1\nFROM example.org/x:1\n", 1),
        (["docker.io/library"], "FROM debian:13\nFROM docker.io/library/debian:13\nFROM bitnami/redis:8\n", 1),
        (["docker.io/debian"], "FROM debian:13\nFROM library/debian:13\nFROM redis:8\n", 1),
        (["GHCR.io/Team"], "FROM ghcr.io/team/x:1\nFROM GHCR.IO/team/x:1\n", 0),
        (["registry*"], "FROM registry.example.com:5000/x:1\n", 0),
        (["*"], "FROM evil.example.org/x:1\n", 0),
        (["ghcr.io/team"], "FROM ghcr.io/team/x:1\nFROM ghcr.io/team:1\nFROM ghcr.io/teammate/x:1\n", 1),
        (["quay.io"], "FROM scratch\nCOPY --from=docker.io/a/b:1 / /\nRUN --mount=from=c.io/d,target=/d e\n", 2),
        (["quay.io"], "FROM quay.io/a/b:1 AS a\nFROM a\nCOPY --from=a /x /x\n", 0),
        (["quay.io"], "ARG REGISTRY\nFROM $REGISTRY/x:1\n", 0),
        (["quay.io"], "# syntax=docker/dockerfile:1\nFROM scratch\n", 1),
        ([], "FROM evil.example.org/x:1\n", 0),
    ],
)
def test_registries(trusted, text, count):
    rules = {"untrusted-registry": {"trusted-registries": trusted}}
    assert levels("untrusted-registry", text, rules=rules) == ["error"] * count


# --- expired-base-image ---


@pytest.mark.parametrize(
    ("image", "today", "level"),
    [
        ("debian:9", "2026-11-24", "warning"),
        ("python:3.8", "2026-11-24", "warning"),
        ("node:18-alpine", "2026-11-24", "warning"),
        ("python:3.12-slim-buster", "2026-11-24", "warning"),
        ("debian:12", "2028-07-01", "info"),  # within ninety days
        ("debian:12", "2028-12-01", "warning"),
        ("openjdk:17", "2026-11-24", "warning"),
        ("centos", "2026-11-24", "warning"),
    ],
)
def test_ended(image, today, level):
    assert levels("expired-base-image", f"FROM {image}\nCMD x\n", today=today) == [level]


@cases(
    {
        "a supported one": "FROM debian:13\nFROM node:24\n",
        "no version": "FROM debian\nFROM python:slim\n",
        "no version that anybody knows": "ARG V\nFROM python:$V\n",
        "another repository": "FROM example.com/python:3.6\nFROM team/debian:9\n",
        "a stage": "FROM debian:13 AS python\nFROM python\n",
    }
)
def test_not_ended(text):
    assert not findings("expired-base-image", text, today="2026-11-24")


def test_what_does_not_ship_is_information():
    text = "FROM node:16 AS build\nRUN npm ci\nFROM debian:13\nCOPY --from=build /a /a\nCOPY --from=python:3.8 /b /b\n"
    assert levels("expired-base-image", text, today="2026-11-24") == ["info", "info"]


@pytest.mark.parametrize(
    ("run", "level"),
    [
        ("RUN apt-get update", "error"),
        ("RUN apt-get install -y git || true", "warning"),
        ("RUN sed -i 's/deb.debian.org/archive.debian.org/' /etc/apt/sources.list && apt-get update", "warning"),
        ("COPY sources.list /etc/apt/sources.list\nRUN apt-get update", "warning"),
        ("RUN echo 'deb http://x' > /etc/apt/sources.list && apt-get update", "warning"),
        ("RUN pip install x", "warning"),
    ],
)
def test_packages_that_are_gone(run, level):
    assert levels("expired-base-image", f"FROM debian:9\n{run}\n", today="2026-11-24") == [level]


def test_the_next_version_is_named():
    finding = shown("expired-base-image", "FROM ruby:2.7\n", today="2026-11-24")[0]
    assert "ruby 2.7 is out of support" in finding.message
    assert "3.3 is supported until 2027-03-31" in finding.message
    assert finding.aliases == ("tally:ruby/eol-ruby-version",)


# --- oversized-base-image ---


@pytest.mark.parametrize(
    ("image", "sibling"),
    [
        ("python:3.12", "python:3.12-slim"),
        ("python:3.12-bookworm", "python:3.12-slim-bookworm"),
        ("node:22-bookworm", "node:22-bookworm-slim"),
        ("docker.io/library/node:22", "docker.io/library/node:22-slim"),
        ("eclipse-temurin:21-jdk-jammy", "eclipse-temurin:21-jre-jammy"),
        ("debian:trixie", "debian:trixie-slim"),
        ("nvidia/cuda:12.4.1-devel-ubuntu22.04", "nvidia/cuda:12.4.1-runtime-ubuntu22.04"),
        ("python", "python:slim"),
    ],
)
def test_smaller_sibling(image, sibling):
    text = f'FROM {image}\nCOPY app /app\nCMD ["/app"]\n'
    assert levels("oversized-base-image", text) == ["info"]
    assert fixed("oversized-base-image", text) == text.replace(image, sibling, 1)


@cases(
    {
        "slim already": "FROM python:3.12-slim\nCMD x\n",
        "alpine": "FROM node:22-alpine\nCMD x\n",
        "another image": "FROM redis:7\n",
        "build tools": "FROM python:3.12\nRUN apt-get update && apt-get install -y libpq-dev\n",
        "a compiler": "FROM python:3.12\nRUN gcc -o /a a.c\n",
        "a source package": "FROM python:3.12\nRUN pip install psycopg2\n",
        "git for pip": "FROM python:3.12\nRUN pip install git+https://example.com/x.git\n",
        "curl in the health check": "FROM python:3.12\nHEALTHCHECK CMD curl localhost\nCMD x\n",
        "a script": "FROM node:22\nCOPY . .\nRUN ./setup.sh\n",
        "the JDK's tools": "FROM eclipse-temurin:21\nRUN ./mvnw package\n",
        "a stage on it compiles": "FROM python:3.12 AS base\nFROM base AS x\nRUN make\nFROM base\nCMD y\n",
        "it does not ship": "FROM node:22 AS build\nRUN npm ci\nFROM node:22-slim\nCOPY --from=build /a /a\n",
        "what ONBUILD needs": "FROM python:3.12\nONBUILD RUN git clone x\n",
        "a tag that nobody knows": "ARG V\nFROM python:$V\nCMD x\n",
    }
)
def test_size_is_needed(text):
    assert not findings("oversized-base-image", text)


def test_sizes_alternatives_and_what_they_would_change():
    text = (
        "FROM python:3.12\n"
        "RUN apt-get update && apt-get install -y tzdata\n"
        "RUN pip install flask\n"
        "CMD python -m flask run\n"
    )
    finding = shown("oversized-base-image", text)[0]
    assert "python:3.12-slim: 43.2 MB instead of 410.9 MB" in finding.message
    assert (finding.saving.size, finding.saving.basis) == (410_900_000 - 43_200_000, "table")
    alpine, distroless = (message for message, _ in finding.related)
    assert alpine.startswith("python:3.12-alpine (18 MB): pip install may have to compile for musl; apk instead of apt")
    assert "2 RUNs move to a build stage" in distroless
    assert "its Python is 3.13, not 3.12" in distroless


def test_no_edit_where_a_variable_or_a_digest_decides():
    assert shown("oversized-base-image", "ARG V=3.12\nFROM python:$V\nCMD x\n")[0].fix is None
    assert shown("oversized-base-image", f"FROM python:3.12{DIGEST}\nCMD x\n")[0].fix is None


def test_one_cause_one_visible_finding():
    text = 'FROM maven:3.9-eclipse-temurin-21\nWORKDIR /a\nRUN mvn package\nCMD ["java", "-jar", "target/a.jar"]\n'
    both = Bench(RULES["oversized-base-image"], RULES["build-image-shipped"]).findings(text)
    assert [each.rule for each in both if each.severity != "style"] == ["build-image-shipped"]
