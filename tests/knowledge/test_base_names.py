"""Names and tags of images, and what else an image could be built on."""

import pytest

from dfadvise.knowledge.base_images import (
    CHANGES,
    alternatives,
    build_image,
    distribution,
    managers,
    normalise,
    release,
    shell,
    smaller_sibling,
)
from dfadvise.knowledge.language_managers import (
    LANGUAGE_MANAGERS,
)
from dfadvise.knowledge.support import Support, supports
from dfadvise.knowledge.tags import suite, version

BY_NAME = {manager.name: manager for manager in LANGUAGE_MANAGERS}


def support_end(name: str, tag: str | None) -> Support | None:
    """The first support to end below an image; None when none is known to end."""
    found = [each for each in supports(name, tag) if each.end is not None]
    return min(found, key=lambda each: each.end or "") if found else None


# Names and tags


@pytest.mark.parametrize(
    ("repository", "name"),
    [
        ("python", "python"),
        ("library/python", "python"),
        ("docker.io/python", "python"),
        ("docker.io/library/python", "python"),
        ("index.docker.io/library/python", "python"),
        ("public.ecr.aws/docker/library/python", "python"),
        ("arm64v8/python", "python"),
        ("docker.io/bitnami/redis", "bitnami/redis"),
        ("registry.example.com/python", "registry.example.com/python"),
        ("registry.example.com/library/python", "registry.example.com/library/python"),
        ("localhost:5000/python", "localhost:5000/python"),
        ("ubi9/ubi-minimal", "registry.access.redhat.com/ubi9/ubi-minimal"),
        ("gcr.io/distroless/static", "gcr.io/distroless/static"),
    ],
)
def test_normalise(repository: str, name: str) -> None:
    assert normalise(repository) == name


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("3.12", (3, 12)),
        ("v3.12-slim", (3, 12)),
        ("3.13.0rc1", (3, 13, 0)),
        ("20240606", ()),
        ("slim", ()),
        ("", ()),
        ("v", ()),
        ("²", ()),
        ("1" * 5000, ()),
    ],
)
def test_version(text: str, numbers: tuple[int, ...]) -> None:
    assert version(text) == numbers


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("3.12-slim-bookworm", ("debian", "12")),
        ("17-jdk-jammy", ("ubuntu", "22.04")),
        ("3.12-alpine3.20", ("alpine", "3.20")),
        ("3.12-alpine", ("alpine", "")),
        ("12.4.1-devel-ubuntu22.04", ("ubuntu", "22.04")),
        ("21-jdk-ubi9-minimal", ("rhel", "9")),
        ("1.22-windowsservercore-ltsc2022", ("windows", "")),
        ("17-al2023", ("rhel", "2023")),
        ("3.12-slim", None),
        ("alpinetest", None),
        ("bookworms", None),
        ("1.2-alpha", None),
        ("ubiquitous", None),
    ],
)
def test_suite(tag: str, found: tuple[str, str] | None) -> None:
    assert suite(tag) == found


@pytest.mark.parametrize(
    ("image", "family", "number"),
    [
        ("debian:bookworm-20240101-slim", "debian", "12"),
        ("debian:12.5", "debian", "12"),
        ("debian:latest", "debian", None),
        ("ubuntu:22.04", "ubuntu", "22.04"),
        ("ubuntu:noble", "ubuntu", "24.04"),
        ("alpine:3.20.3", "alpine", "3.20"),
        ("alpine:3", "alpine", None),
        ("python:3.12", "debian", None),
        ("python:3.12-slim-bookworm", "debian", "12"),
        ("python:3.12-alpine3.19", "alpine", "3.19"),
        ("node:22-alpine", "alpine", None),
        ("golang:1.22-windowsservercore", "windows", None),
        ("nvidia/cuda:12.4.1-devel-ubuntu22.04", "ubuntu", "22.04"),
        ("nvidia/cuda:12.4.1-devel", None, None),
        ("mcr.microsoft.com/dotnet/sdk:8.0", "debian", "12"),
        ("mcr.microsoft.com/dotnet/sdk:8.0-jammy", "ubuntu", "22.04"),
        ("mcr.microsoft.com/dotnet/aspnet:10.0", "ubuntu", "24.04"),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled", "distroless", None),
        ("mcr.microsoft.com/dotnet/aspnet:8.0-azurelinux3.0", None, None),
        ("mcr.microsoft.com/dotnet/framework/sdk:4.8", "windows", None),
        ("mcr.microsoft.com/windows/nanoserver:ltsc2022", "windows", None),
        ("gcr.io/distroless/static-debian12:nonroot", "distroless", "12"),
        ("scratch:", "scratch", None),
        ("fedora:41", "fedora", "41"),
        ("centos:centos7.9.2009", "rhel", "7"),
        ("quay.io/centos/centos:stream9", "rhel", "9"),
        ("amazonlinux:2023.6", "rhel", "2023"),
        ("redhat/ubi8:8.9", "rhel", "8"),
        ("opensuse/leap:15.5", "suse", "15.5"),
        ("archlinux:base", "arch", None),
        ("busybox:1.36", "busybox", None),
        ("eclipse-temurin:21-jdk", "ubuntu", None),
        ("eclipse-temurin:21-jdk-alpine", "alpine", None),
        ("openjdk:17", None, None),
        ("openjdk:17-slim-bullseye", "debian", "11"),
        ("mysql:8", None, None),
        ("bitnami/redis:7.0-debian-12-r5", "debian", "12"),
        ("bitnami/redis:latest", None, None),
        ("registry.example.com/python:3.12", None, None),
        ("myorg/app:1-bookworm", None, None),
    ],
)
def test_distribution(image: str, family: str | None, number: str | None) -> None:
    name, _, tag = image.rpartition(":")
    assert distribution(name, tag) == family
    assert release(name, tag) == number


def test_distribution_without_a_known_tag() -> None:
    assert distribution("debian", None) == "debian"
    assert distribution("gcc", None) == "debian"
    assert distribution("python", None) is None  # it may be Alpine


@pytest.mark.parametrize(
    ("image", "program", "names"),
    [
        ("debian:12", "dash", ["apt"]),
        ("ubuntu:24.04", "dash", ["apt"]),
        ("alpine:3.20", "ash", ["apk"]),
        ("busybox:1", "ash", []),
        ("rockylinux:9", "bash", ["dnf", "yum"]),
        ("fedora:43", "bash", ["dnf", "yum"]),
        ("opensuse/leap:16.0", "bash", ["zypper"]),
        ("archlinux:base", "bash", ["pacman"]),
        ("scratch:", None, []),
        ("gcr.io/distroless/static:nonroot", None, []),
        ("mcr.microsoft.com/windows/servercore:ltsc2022", None, []),
        ("registry.example.com/debian:12", None, []),
    ],
)
def test_shell_and_managers(image: str, program: str | None, names: list[str]) -> None:
    name, _, tag = image.rpartition(":")
    assert shell(name, tag) == program
    assert [manager.name for manager in managers(name, tag)] == names


# Smaller relatives


@pytest.mark.parametrize(
    ("image", "tag", "saved"),
    [
        ("python:3.12", "3.12-slim", 367_700_000),
        ("python:3.12-bookworm", "3.12-slim-bookworm", 367_700_000),
        ("python:bookworm", "slim-bookworm", 367_700_000),
        ("python:latest", "slim", 367_700_000),
        ("python:", "slim", 367_700_000),
        ("python:3.15-rc", "3.15-rc-slim", 367_700_000),
        ("node:22", "22-slim", 328_600_000),
        ("node:22-bookworm", "22-bookworm-slim", 328_600_000),
        ("node:lts", "lts-slim", 328_600_000),
        ("node:jod-bookworm", "jod-bookworm-slim", 328_600_000),
        ("node:bookworm", "bookworm-slim", 328_600_000),
        ("ruby:3.4", "3.4-slim", None),
        ("ruby:3.4-bookworm", "3.4-slim-bookworm", None),
        ("perl:5.40", "5.40-slim", None),
        ("perl:5.40-bookworm", "5.40-slim-bookworm", None),
        ("eclipse-temurin:21", "21-jre", 109_000_000),
        ("eclipse-temurin:21-jdk", "21-jre", 109_000_000),
        ("eclipse-temurin:21-jdk-jammy", "21-jre-jammy", 109_000_000),
        ("eclipse-temurin:21-noble", "21-jre-noble", 109_000_000),
        ("eclipse-temurin:8u402-b06-jdk", "8u402-b06-jre", 109_000_000),
        ("eclipse-temurin:21-jdk-alpine", "21-jre-alpine", None),
        ("debian:trixie", "trixie-slim", 19_500_000),
        ("debian:bookworm", "bookworm-slim", 20_300_000),
        ("debian:12", "12-slim", 20_300_000),
        ("debian:12.5", "12.5-slim", 20_300_000),
        ("debian:bookworm-20240101", "bookworm-20240101-slim", 20_300_000),
        ("debian:bullseye", "bullseye-slim", None),
        ("debian:stable", "stable-slim", None),
        ("nvidia/cuda:12.4.1-devel-ubuntu22.04", "12.4.1-runtime-ubuntu22.04", None),
        ("nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04", "12.4.1-cudnn-runtime-ubuntu22.04", None),
    ],
)
def test_smaller_sibling(image: str, tag: str, saved: int | None) -> None:
    name, _, current = image.rpartition(":")
    sibling = smaller_sibling(name, current)
    assert sibling is not None
    assert (sibling.name, sibling.tag, sibling.saved) == (name, tag, saved)
    assert smaller_sibling(name, sibling.tag) is None
    before, after = suite(current), suite(sibling.tag)
    assert before == after  # never another suite or libc
    assert "alpine" in sibling.tag or "alpine" not in current


@pytest.mark.parametrize(
    "image",
    [
        "python:3.12-slim",
        "python:slim",
        "python:3.12-slim-bookworm",
        "python:3.12-alpine",
        "python:3.12-alpine3.20",
        "python:3.12-windowsservercore-ltsc2022",
        "python:nightly",
        "node:22-slim",
        "node:22-alpine",
        "node:lts-alpine",
        "perl:5.40-threaded",
        "debian:latest",
        "debian:",
        "debian:bookworm-backports",
        "debian:bookworm-slim",
        "ubuntu:24.04",
        "alpine:3.20",
        "eclipse-temurin:21-jre",
        "eclipse-temurin:latest",
        "eclipse-temurin:16-jdk",
        "eclipse-temurin:21-jdk-windowsservercore",
        "nvidia/cuda:12.4.1-runtime-ubuntu22.04",
        "golang:1.26",
        "rust:1",
        "registry.example.com/python:3.12",
        "myorg/python:3.12",
    ],
)
def test_no_smaller_sibling(image: str) -> None:
    name, _, tag = image.rpartition(":")
    assert smaller_sibling(name, tag) is None


def test_no_sibling_for_an_unknown_tag() -> None:
    assert smaller_sibling("python", None) is None


@pytest.mark.parametrize(
    ("image", "ecosystem", "size", "runtime_size"),
    [
        ("golang:1.26", "go", 312_300_000, 2_000_000),
        ("rust:1-slim", "rust", 319_100_000, 29_800_000),
        ("rust:1", "rust", None, 29_800_000),
        ("gcc:15", "c", None, None),
        ("buildpack-deps:bookworm", "c", None, None),
        ("mcr.microsoft.com/dotnet/sdk:8.0", "dotnet", None, None),
        ("maven:3-eclipse-temurin-21", "java", None, None),
        ("gradle:8", "java", None, None),
        ("composer:2", "php", None, None),
        ("haskell:9", None, None, None),
        ("swift:6", None, None, None),
    ],
)
def test_build_images(image: str, ecosystem: str | None, size: int | None, runtime_size: int | None) -> None:
    name, _, tag = image.rpartition(":")
    found = build_image(name, tag)
    assert found is not None
    assert (found.ecosystem, found.size, found.runtime_size) == (ecosystem, size, runtime_size)


@pytest.mark.parametrize("name", ["python", "node", "ruby", "debian", "eclipse-temurin", "registry.example.com/golang"])
def test_images_that_run_things_are_no_build_images(name: str) -> None:
    assert build_image(name, "1") is None


@pytest.mark.parametrize(
    ("image", "names"),
    [
        ("python:3.12", ["python:3.12-alpine", "gcr.io/distroless/python3-debian13"]),
        ("python:3.12-slim-bookworm", ["python:3.12-alpine", "gcr.io/distroless/python3-debian13"]),
        ("node:22", ["node:22-alpine", "gcr.io/distroless/nodejs22-debian13"]),
        ("node:18", ["node:18-alpine"]),
        ("node:lts", ["node:lts-alpine"]),
        ("golang:1.26", ["golang:1.26-alpine", "gcr.io/distroless/static-debian13"]),
        ("eclipse-temurin:21-jdk", ["eclipse-temurin:21-jre-alpine", "gcr.io/distroless/java21-debian13"]),
        ("eclipse-temurin:8u402-b06-jdk", ["eclipse-temurin:8u402-b06-jre-alpine"]),
        ("php:8.4-fpm", ["php:8.4-fpm-alpine"]),
        ("nginx:1.31", ["nginx:1.31-alpine-slim"]),
        ("debian:12", ["gcr.io/distroless/base-debian13"]),
        ("python:3.12-alpine", []),
        ("registry.example.com/python:3.12", []),
        ("redis:8", []),
    ],
)
def test_alternatives(image: str, names: list[str]) -> None:
    name, _, tag = image.rpartition(":")
    found = alternatives(name, tag)
    assert [each.image for each in found] == names
    assert all(each.kind in CHANGES for each in found)
