"""What is copied from a stage of another C library or another runtime."""

import pytest

from rule_answers import cases, findings, fixed, levels

# --- libc-mismatch ---


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("FROM node:22 AS b\nFROM node:22-alpine\nCOPY --from=b /a/node_modules /a/node_modules\n", "warning"),
        ("FROM python:3.12-alpine AS b\nFROM python:3.12-slim\nCOPY --from=b /opt/venv /opt/venv\n", "warning"),
        ("FROM alpine:3.22\nCOPY --from=node:22 /usr/local/bin/node /usr/local/bin/\n", "warning"),
        ("FROM golang:1.26 AS b\nRUN go build -o /a .\nFROM alpine:3.22\nCOPY --from=b /a /a\n", "warning"),
        (
            "FROM golang:1.26-alpine AS b\nRUN apk add gcc musl-dev && go build -o /a .\n"
            "FROM debian:13\nCOPY --from=b /a /a\n",
            "warning",
        ),
        (
            "FROM rust:1.90 AS b\nWORKDIR /s\nRUN cargo build -r\nFROM scratch\nCOPY --from=b /s/target/release/a /a\n",
            "error",
        ),
        (
            "FROM rust:1.90 AS b\nWORKDIR /s\nRUN cargo build -r\n"
            "FROM alpine:3\nCOPY --from=b /s/target/release/a /a\n",
            "warning",
        ),
        ("FROM gcc:13 AS b\nRUN gcc -o /a a.c\nFROM gcr.io/distroless/static\nCOPY --from=b /a /a\n", "error"),
        ("FROM alpine:3.22\nRUN wget -O /t.tgz https://x.io/t-x86_64-unknown-linux-gnu.tar.gz\n", "warning"),
    ],
)
def test_another_c_library(text, level):
    assert levels("libc-mismatch", text) == [level]


@cases(
    {
        "the same": "FROM node:22 AS b\nFROM node:22-slim\nCOPY --from=b /a/node_modules /a/node_modules\n",
        "no cgo in the environment": (
            "FROM golang:1.26 AS b\nENV CGO_ENABLED=0\nRUN go build -o /a .\nFROM scratch\nCOPY --from=b /a /a\n"
        ),
        "no C compiler": "FROM golang:1.26-alpine AS b\nRUN go build -o /a .\nFROM scratch\nCOPY --from=b /a /a\n",
        "static flags": (
            "FROM golang:1.26 AS b\nRUN go build -ldflags '-extldflags -static' -o /a .\n"
            "FROM scratch\nCOPY --from=b /a /a\n"
        ),
        "another machine": (
            "FROM golang:1.26 AS b\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /a .\n"
            "FROM scratch\nCOPY --from=b /a /a\n"
        ),
        "Rust for musl": (
            "FROM rust:1.90 AS b\nWORKDIR /s\nRUN cargo build -r --target x86_64-unknown-linux-musl\n"
            "FROM scratch\nCOPY --from=b /s/target/x86_64-unknown-linux-musl/release/a /a\n"
        ),
        "Rust links musl statically": (
            "FROM rust:1.90-alpine AS b\nWORKDIR /s\nRUN cargo build -r\n"
            "FROM scratch\nCOPY --from=b /s/target/release/a /a\n"
        ),
        "linked statically": "FROM gcc:13 AS b\nRUN gcc -static -o /a a.c\nFROM scratch\nCOPY --from=b /a /a\n",
        "its libraries come along": (
            "FROM gcc:13 AS b\nRUN gcc -o /a a.c\nFROM scratch\nCOPY --from=b /lib64 /lib64\nCOPY --from=b /a /a\n"
        ),
        "glibc on Alpine": (
            "FROM node:22 AS b\nFROM alpine:3.22\nRUN apk add gcompat\nCOPY --from=b /a/node_modules /a/node_modules\n"
        ),
        "pages": "FROM node:22 AS b\nFROM nginx:1-alpine\nCOPY --from=b /a/dist /usr/share/nginx/html\n",
        "unknown": "ARG B\nFROM $B AS b\nFROM alpine:3\nCOPY --from=b /a/node_modules /a/node_modules\n",
        "a download for musl": "FROM alpine:3.22\nRUN wget https://x.io/t-x86_64-unknown-linux-musl.tar.gz\n",
    }
)
def test_c_libraries_that_fit(text):
    assert not findings("libc-mismatch", text)


def test_cgo_is_switched_off_only_where_nothing_needs_it():
    text = "FROM golang:1.26 AS b\n{}RUN cd /s && go build -o /a .\nFROM scratch\nCOPY --from=b /a /a\n"
    plain, needed = text.format(""), text.format("RUN apt-get install -y libsqlite3-dev\n")
    assert fixed("libc-mismatch", plain) == plain.replace("go build", "CGO_ENABLED=0 go build")
    assert fixed("libc-mismatch", needed) == needed


# --- runtime-mismatch ---

SITE = "/usr/local/lib/python3.11/site-packages"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        (f"FROM python:3.11 AS b\nFROM python:3.12\nCOPY --from=b {SITE} {SITE}\n", "error"),
        (f"FROM python:3.12 AS b\nFROM python:3.11\nCOPY --from=b {SITE} {SITE}\n", "error"),
        ("FROM node:20 AS b\nFROM node:22\nCOPY --from=b /a/node_modules /a/node_modules\n", "warning"),
        ("FROM ruby:3.2 AS b\nFROM ruby:3.4\nCOPY --from=b /usr/local/bundle /usr/local/bundle\n", "warning"),
        ("FROM python:3.12 AS b\nRUN python3 -m venv /v\nFROM python:3.12-slim\nCOPY --from=b /v /opt/v\n", "warning"),
        ("FROM python:3.11 AS b\nRUN virtualenv /v\nFROM python:3.12\nCOPY --from=b /v /v\n", "warning"),
        ("FROM nvidia/cuda:12.4.1-base-ubuntu22.04\nRUN pip install torch==2.1+cu118\n", "warning"),
        ("FROM nvidia/cuda:12.4.1-base-ubuntu22.04\nRUN pip install torch -f https://x.io/whl/cu121/t.html\n", "style"),
    ],
)
def test_another_runtime(text, level):
    assert levels("runtime-mismatch", text) == [level]


@cases(
    {
        "the same": f"FROM python:3.11.4 AS b\nFROM python:3.11-slim\nCOPY --from=b {SITE} {SITE}\n",
        "a later patch": "FROM node:22.1 AS b\nFROM node:22-slim\nCOPY --from=b /a/node_modules /a/node_modules\n",
        "the same path": "FROM python:3.12 AS b\nRUN python -m venv /v\nFROM python:3.12-slim\nCOPY --from=b /v /v\n",
        "below its own path": (
            "FROM python:3.12 AS b\nWORKDIR /a\nRUN uv venv\n"
            "FROM python:3.12-slim\nWORKDIR /a\nCOPY --from=b /a/.venv ./.venv\n"
        ),
        "another Python is put in": (
            f"FROM python:3.11 AS b\nRUN pyenv install 3.12\nFROM python:3.12\nCOPY --from=b {SITE} /x\n"
        ),
        "no version": "FROM node AS b\nFROM node:22\nCOPY --from=b /a/node_modules /a/node_modules\n",
        "another folder": "FROM node:20 AS b\nFROM node:22\nCOPY --from=b /a/dist /a/dist\n",
        "no CUDA base": "FROM python:3.12\nRUN pip install torch --index-url https://x.io/whl/cu118\n",
    }
)
def test_runtimes_that_fit(text):
    assert not findings("runtime-mismatch", text)


def test_an_environment_goes_back_to_its_path():
    text = "FROM python:3.12 AS b\nRUN python -m venv /v\nFROM python:3.12-slim\nCOPY --from=b /v /opt/v\n"
    assert fixed("runtime-mismatch", text) == text.replace("/opt/v", "/v")
