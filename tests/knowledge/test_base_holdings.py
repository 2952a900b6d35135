"""Shells, users and programs of images."""

import pytest

from dfadvise.knowledge.base_programs import lacks, provided_packages
from dfadvise.knowledge.base_users import drops_root, entrypoint_interpreter, has_no_shell, not_root, users
from dfadvise.knowledge.language_managers import (
    LANGUAGE_MANAGERS,
)
from dfadvise.knowledge.support import Support, supports

BY_NAME = {manager.name: manager for manager in LANGUAGE_MANAGERS}


def support_end(name: str, tag: str | None) -> Support | None:
    """The first support to end below an image; None when none is known to end."""
    found = [each for each in supports(name, tag) if each.end is not None]
    return min(found, key=lambda each: each.end or "") if found else None


@pytest.mark.parametrize(
    "image",
    [
        "scratch:",
        "gcr.io/distroless/static:nonroot",
        "gcr.io/distroless/python3-debian13:",
        "cgr.dev/chainguard/static:latest",
        "dhi.io/python:3.13",
        "mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled",
        "mcr.microsoft.com/azurelinux/distroless/base:3.0",
    ],
)
def test_has_no_shell(image: str) -> None:
    name, _, tag = image.rpartition(":")
    assert has_no_shell(name, tag)


@pytest.mark.parametrize(
    "image",
    [
        "alpine:3.20",
        "gcr.io/distroless/static:debug",
        "gcr.io/distroless/static:debug-nonroot",
        "cgr.dev/chainguard/static:latest-dev",
        "cgr.dev/chainguard/wolfi-base:latest",
        "dhi.io/python:3.13-dev",
        "dhi.io/alpine-base:3.22",
        "mcr.microsoft.com/dotnet/aspnet:8.0-jammy",
        "registry.example.com/app:1",
        "myorg/distroless:1",
    ],
)
def test_may_have_a_shell(image: str) -> None:
    name, _, tag = image.rpartition(":")
    assert not has_no_shell(name, tag)


def test_an_unknown_tag_may_be_a_debug_one() -> None:
    assert not has_no_shell("gcr.io/distroless/static", None)
    assert has_no_shell("scratch", None)


def test_users() -> None:
    assert users("scratch", "") == {}
    assert users("gcr.io/distroless/static", "latest") == {"root": 0, "nobody": 65534, "nonroot": 65532}
    chiseled = users("mcr.microsoft.com/dotnet/aspnet", "8.0-noble-chiseled")
    assert chiseled is not None
    assert chiseled["app"] == 1654
    assert "app" not in (users("mcr.microsoft.com/dotnet/aspnet", "6.0-jammy-chiseled") or {})
    assert users("debian", "12") is None
    assert users("registry.example.com/x", "1") is None


@pytest.mark.parametrize(
    ("name", "interpreter"),
    [
        ("gcr.io/distroless/nodejs22-debian13", "node"),
        ("gcr.io/distroless/python3-debian13", "python3"),
        ("gcr.io/distroless/java21-debian13", "java"),
        ("gcr.io/distroless/java-base-debian13", None),
        ("gcr.io/distroless/static", None),
        ("node", None),
    ],
)
def test_entrypoint_interpreter(name: str, interpreter: str | None) -> None:
    assert entrypoint_interpreter(name) == interpreter


@pytest.mark.parametrize(
    "image",
    [
        "gcr.io/distroless/static:nonroot",
        "gcr.io/distroless/base-debian13:debug-nonroot",
        "dhi.io/python:3.13",
        "cgr.dev/chainguard/node:latest",
        "bitnami/redis:7",
        "bitnamilegacy/redis:7",
        "mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled",
        "jenkins/jenkins:lts",
        "grafana/grafana:11",
        "nginxinc/nginx-unprivileged:1.27",
        "docker.elastic.co/elasticsearch/elasticsearch:8",
        "sonarqube:10",
        "quay.io/keycloak/keycloak:26",
        "quay.io/jupyter/base-notebook:latest",
        "confluentinc/cp-kafka:7",
        "haproxy:3.0",
        "registry.access.redhat.com/ubi9/nodejs-20:1",
        "quay.io/sclorg/s2i-core-c9s:latest",
    ],
)
def test_not_root(image: str) -> None:
    name, _, tag = image.rpartition(":")
    assert not_root(name, tag)


@pytest.mark.parametrize(
    "image",
    [
        "gcr.io/distroless/static:latest",
        "dhi.io/python:3.13-dev",
        "haproxy:2.2",
        "registry.access.redhat.com/ubi9/ubi:9",
        "mcr.microsoft.com/dotnet/aspnet:8.0",
        "nginx:1.27",
        "postgres:16",
        "registry.example.com/bitnami/redis:7",
        "mybitnami/redis:7",
        "jenkins:2",
        "grafanax/grafana:1",
        "confluentinc/ksql:1",
        "python:3.12",
    ],
)
def test_may_be_root(image: str) -> None:
    name, _, tag = image.rpartition(":")
    assert not not_root(name, tag)


def test_drops_root() -> None:
    assert drops_root("postgres")
    assert drops_root("valkey/valkey")
    assert not drops_root("nginx")
    assert not drops_root("registry.example.com/postgres")


@pytest.mark.parametrize(
    ("image", "missing", "there"),
    [
        ("debian:12", "curl wget git gcc python3 sudo apk", "apt-get bash"),
        ("debian:bookworm-slim", "curl man", "bash"),
        ("debian:latest", "curl", "bash"),
        ("ubuntu:24.04", "curl python3 add-apt-repository", "man bash"),
        ("python:3.12-slim", "curl git gcc node", "python3 pip"),
        ("python:slim", "curl", "pip3"),
        ("node:22-bookworm-slim", "curl python3", "node npm npx"),
        ("ruby:3.4-slim", "git gcc", "ruby"),
        ("alpine:3.20", "bash curl apt-get useradd", "wget tar apk"),
        ("python:3.12-alpine", "bash gcc", "python3 pip"),
        ("golang:1.26-alpine", "git gcc bash", "wget"),
        ("busybox:1", "bash apt-get apk", "wget"),
        ("amazonlinux:2023", "tar useradd", "curl"),
        ("registry.access.redhat.com/ubi9/ubi-minimal:9", "dnf git", "microdnf"),
        ("redhat/ubi9-minimal:9", "dnf", "curl"),
        ("fedora:43", "wget git", "curl dnf"),
        ("redhat/ubi9:9", "apt-get apk", "dnf wget git"),
    ],
)
def test_lacks(image: str, missing: str, there: str) -> None:
    name, _, tag = image.rpartition(":")
    assert set(missing.split()) <= lacks(name, tag)
    assert lacks(name, tag).isdisjoint(there.split())


@pytest.mark.parametrize(
    "image",
    [
        "debian:9",
        "debian:stretch-slim",
        "ubuntu:16.04",
        "alpine:3.11",
        "python:3.12",
        "python:3.5-slim",
        "python:3.12-alpine3.10",
        "python:2.7-slim",
        "node:12-slim",
        "nginx:alpine",
        "amazonlinux:2",
        "registry.example.com/debian:12",
    ],
)
def test_nothing_is_known_to_be_missing(image: str) -> None:
    name, _, tag = image.rpartition(":")
    assert lacks(name, tag) == frozenset()


def test_provided_packages() -> None:
    assert {"python3", "libpq-dev", "curl"} <= provided_packages("python", "3.12")
    assert "curl" not in provided_packages("python", "3.12-slim")
    assert "openjdk-21-jdk" in provided_packages("eclipse-temurin", "21-jdk")
    assert "openjdk-21-jdk" not in provided_packages("eclipse-temurin", "21-jre")
    assert "openjdk-17-jdk" not in provided_packages("eclipse-temurin", "21-jdk")
    assert provided_packages("debian", "12") == frozenset()
