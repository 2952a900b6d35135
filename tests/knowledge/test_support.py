"""Until when images are supported."""

import pytest

from dfadvise.knowledge.language_managers import (
    LANGUAGE_MANAGERS,
)
from dfadvise.knowledge.official import OFFICIAL
from dfadvise.knowledge.support import Support, retired, supports

BY_NAME = {manager.name: manager for manager in LANGUAGE_MANAGERS}


def support_end(name: str, tag: str | None) -> Support | None:
    """The first support to end below an image; None when none is known to end."""
    found = [each for each in supports(name, tag) if each.end is not None]
    return min(found, key=lambda each: each.end or "") if found else None


TODAY = "2026-11-24"


@pytest.mark.parametrize(
    ("image", "product", "end"),
    [
        ("debian:buster-slim", "debian 10", "2024-06-30"),
        ("debian:9", "debian 9", "2022-07-01"),
        ("debian:11", "debian 11", "2026-08-31"),
        ("ubuntu:16.04", "ubuntu 16.04", "2021-04-02"),
        ("ubuntu:focal", "ubuntu 20.04", "2025-05-31"),
        ("ubuntu:25.10", "ubuntu 25.10", "2026-07-01"),
        ("ubuntu:kinetic", "ubuntu 22.10", "2026-07-01"),
        ("alpine:3.19.1", "alpine 3.19", "2025-11-01"),
        ("alpine:3.12", "alpine 3.12", "2025-11-01"),
        ("centos:7", "centos 7", "2024-06-30"),
        ("quay.io/centos/centos:stream8", "centos stream 8", "2024-05-31"),
        ("fedora:42", "fedora 42", "2026-05-27"),
        ("amazonlinux:2", "amazonlinux 2", "2026-06-30"),
        ("amazonlinux:2018.03", "amazonlinux 1", "2023-12-31"),
        ("oraclelinux:7-slim", "oraclelinux 7", "2024-12-31"),
        ("registry.access.redhat.com/ubi7/ubi:7.9", "ubi 7", "2024-06-30"),
        ("opensuse/leap:15.6", "opensuse leap 15.6", "2026-04-30"),
        ("opensuse/leap:15", "opensuse leap 15.6", "2026-04-30"),
        ("python:3.9", "python 3.9", "2025-10-31"),
        ("python:3.10.4-slim", "python 3.10", "2026-10-31"),
        ("python:2.7", "python 2.7", "2024-10-07"),
        ("python:2", "python 2.x", "2024-10-07"),
        ("python:3.12-slim-buster", "debian 10", "2024-06-30"),
        ("python:3.12-alpine3.18", "alpine 3.18", "2025-11-01"),
        ("node:18", "node 18", "2025-04-30"),
        ("node:iron-alpine", "node 20", "2026-04-30"),
        ("node:25", "node 25", "2026-06-01"),
        ("php:8.1-fpm", "php 8.1", "2025-12-31"),
        ("ruby:3.2", "ruby 3.2", "2026-03-31"),
        ("perl:5.38", "perl 5.38", "2026-07-02"),
        ("golang:1.24.3", "golang 1.24", "2026-02-10"),
        ("golang:1.25", "golang 1.25", "2026-08-19"),
        ("mcr.microsoft.com/dotnet/sdk:6.0", "dotnet 6", "2024-11-12"),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-jammy", "dotnet 8", "2026-11-10"),
        ("eclipse-temurin:26", "eclipse-temurin 26", "2026-09-15"),
        ("eclipse-temurin:17-jdk-focal", "ubuntu 20.04", "2025-05-31"),
        ("amazoncorretto:26", "amazoncorretto 26", "2026-10-31"),
        ("postgres:13-alpine", "postgres 13", "2025-11-13"),
        ("postgres:14", "postgres 14", "2026-11-12"),
        ("mysql:8.0", "mysql 8.0", "2026-04-30"),
        ("mariadb:10.6", "mariadb 10.6", "2026-07-06"),
        ("mongo:6.0", "mongo 6.0", "2025-07-31"),
        ("redis:7.0-alpine", "redis 7.0", "2024-07-29"),
        ("nginx:1.28", "nginx 1.28", "2026-04-14"),
        ("erlang:26", "erlang 26", "2026-05-26"),
        ("elixir:1.15", "elixir 1.15", "2026-06-03"),
        ("nvidia/cuda:11.0-base-ubuntu18.04", "ubuntu 18.04", "2023-05-31"),
    ],
)
def test_support_has_ended(image: str, product: str, end: str) -> None:
    name, _, tag = image.rpartition(":")
    found = support_end(name, tag)
    assert found is not None
    assert (f"{found.product} {found.cycle}", found.end) == (product, end)
    assert found.ended(TODAY)


@pytest.mark.parametrize(
    ("image", "end"),
    [
        ("debian:12", "2028-06-30"),
        ("ubuntu:24.04", "2029-05-31"),
        ("alpine:3.22", "2027-05-01"),
        ("python:3.12-slim-trixie", "2028-10-31"),
        ("node:22-bookworm", "2027-04-30"),
        ("redis:8.0", "2026-12-01"),
        ("mysql:8.4", "2032-04-30"),
    ],
)
def test_support_goes_on(image: str, end: str) -> None:
    name, _, tag = image.rpartition(":")
    found = support_end(name, tag)
    assert found is not None
    assert found.end == end
    assert not found.ended(TODAY)
    assert found.ended("2040-01-01")


@pytest.mark.parametrize(
    "image",
    [
        "debian:latest",
        "debian:sid",
        "ubuntu:26.10",
        "alpine:3",
        "alpine:edge",
        "alpine:20240606",
        "fedora:rawhide",
        "python:3",
        "python:3.13",
        "python:latest",
        "node:lts",
        "node:current",
        "php:8",
        "ruby:3",
        "perl:5",
        "golang:1",
        "postgres:16",
        "redis:7",
        "redis:6.2",
        "nginx:stable",
        "mariadb:10",
        "eclipse-temurin:8",
        "amazoncorretto:17",
        "centos:latest",
        "registry.example.com/python:2.7",
        "registry.example.com/debian:9",
        "myorg/app:stretch",
    ],
)
def test_support_is_not_known(image: str) -> None:
    name, _, tag = image.rpartition(":")
    assert support_end(name, tag) is None


def test_support_of_an_unknown_tag() -> None:
    assert supports("python", None) == ()
    assert support_end("debian", None) is None


def test_golang_is_supported_without_a_known_day() -> None:
    (found,) = supports("golang", "1.26")
    assert found.end is None
    assert not found.ended("2099-01-01")


def test_both_the_version_and_the_suite_count() -> None:
    found = supports("python", "3.9-slim-buster")
    assert [(each.product, each.cycle) for each in found] == [("python", "3.9"), ("debian", "10")]


def test_only_days_from_the_table_are_exact() -> None:
    exact = {tag: support.exact for tag in ("3.8", "3.6", "2.7", "3.9") for support in supports("python", tag)}
    assert exact == {"3.8": True, "3.6": False, "2.7": False, "3.9": True}


@pytest.mark.parametrize(
    ("image", "gone"),
    [
        ("debian:10", True),
        ("debian:stretch", True),
        ("python:3.8-slim-buster", True),
        ("debian:11", False),
        ("ubuntu:22.10", True),
        ("ubuntu:18.04", False),
        ("alpine:3.12", False),
        ("centos:7", True),
        ("quay.io/centos/centos:stream8", True),
        ("quay.io/centos/centos:stream9", False),
    ],
)
def test_mirror_gone(image: str, gone: bool) -> None:
    name, _, tag = image.rpartition(":")
    found = support_end(name, tag)
    assert found is not None
    assert found.mirror_gone is gone


def test_successors_are_those_still_supported() -> None:
    found = support_end("debian", "10")
    assert found is not None
    assert found.successors(TODAY) == (("12", "2028-06-30"), ("13", "2030-06-30"))
    assert found.successors("2029-01-01") == (("13", "2030-06-30"),)
    mysql = support_end("mysql", "9.1")
    assert mysql is not None
    assert mysql.successors(TODAY) == ()


@pytest.mark.parametrize(
    ("image", "since", "successor"),
    [
        ("openjdk:17", "2022-07", "eclipse-temurin"),
        ("java:8", None, "eclipse-temurin"),
        ("adoptopenjdk/openjdk11:latest", None, "eclipse-temurin"),
        ("centos:7", None, None),
        ("jenkins:2", None, "jenkins/jenkins"),
        ("microsoft/dotnet:2.1", None, "mcr.microsoft.com/dotnet/sdk"),
        ("microsoft/dotnet:2.1-runtime", None, "mcr.microsoft.com/dotnet/runtime"),
        ("microsoft/windowsservercore:1803", None, "mcr.microsoft.com/windows/servercore"),
        ("microsoft/elsewhere:1", None, "mcr.microsoft.com"),
        ("mcr.microsoft.com/dotnet/core/sdk:3.1", None, "mcr.microsoft.com/dotnet/sdk"),
        ("k8s.gcr.io/pause:3", "2023-04", "registry.k8s.io/pause"),
        ("gcr.io/google-containers/pause:3", None, "registry.k8s.io/pause"),
        ("bitnami/redis:7.0", "2025-08-28", "bitnamilegacy/redis"),
        ("vault:1.13", None, "hashicorp/vault"),
        ("consul:1.15", None, "hashicorp/consul"),
        ("gcr.io/distroless/static-debian11:nonroot", None, "gcr.io/distroless/static-debian13"),
        ("gcr.io/distroless/nodejs20-debian12:latest", None, "gcr.io/distroless/nodejs20-debian13"),
    ],
)
def test_retired(image: str, since: str | None, successor: str | None) -> None:
    name, _, tag = image.rpartition(":")
    found = retired(name, tag)
    assert found is not None
    assert (found.since, found.successor) == (since, successor)


@pytest.mark.parametrize(
    "image",
    [
        "eclipse-temurin:21",
        "jenkins/jenkins:lts",
        "hashicorp/vault:1.13",
        "bitnami/redis:latest",
        "bitnamilegacy/redis:7.0",
        "quay.io/centos/centos:stream9",
        "gcr.io/distroless/static-debian12:nonroot",
        "gcr.io/distroless/nodejs22-debian13:latest",
        "gcr.io/distroless/static:latest",
        "registry.example.com/openjdk:8",
        "myorg/java:8",
    ],
)
def test_not_retired(image: str) -> None:
    name, _, tag = image.rpartition(":")
    assert retired(name, tag) is None


def test_official_names() -> None:
    assert {"nginx", "python", "scratch", "openjdk"} <= OFFICIAL
    assert OFFICIAL.isdisjoint(("builder", "base", "build", "app", "final"))
