"""The cache rules and the models they ask: what re-runs, what a step reads, where caches are."""

import os

import pytest

from dfadvise import packs
from dfadvise.buildcache import CacheModel, Change
from dfadvise.context import BuildContext
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from dfadvise.testing import Bench, context_of

RULES = {rule.id: rule for rule in packs.load_packs()}


def found(rule, text, files=None, **options):
    """(line, severity, message) of each finding."""
    with context_of(files or {}) as root:
        bench = Bench(RULES[rule], root=root, options=options)
        source = Source(text)
        return [(source.line(f.span.start), f.severity, f.message) for f in bench.findings(text)]


def lines(rule, text, files=None, **options):
    return [line for line, _, _ in found(rule, text, files, **options)]


def fixed(rule, text, files=None, **options):
    with context_of(files or {}) as root:
        return Bench(RULES[rule], root=root, options=options).fixed(text)


def applicability(rule, text, files=None):
    with context_of(files or {}) as root:
        return [f.fix and f.fix.applicability for f in Bench(RULES[rule], root=root).findings(text)]


NODE = {"package.json": '{"dependencies": {"a": "1"}}', "package-lock.json": "{}", "server.js": "x"}


# cache-order: an install of dependencies below the sources


@pytest.mark.parametrize(
    ("base", "command", "files"),
    [
        ("node:22", "npm ci", NODE),
        ("node:22", "npm install --omit=dev", NODE),
        ("node:22", "npm clean-install", NODE),
        ("node:22", "yarn install --frozen-lockfile", {**NODE, "yarn.lock": "x"}),
        ("node:22", "yarn", {**NODE, "yarn.lock": "x"}),
        ("node:22", "corepack enable && pnpm install --frozen-lockfile", {**NODE, "pnpm-lock.yaml": "x"}),
        ("oven/bun:1", "bun install --frozen-lockfile", {**NODE, "bun.lock": "x"}),
        ("python:3.13", "pip install -r requirements.txt", {"requirements.txt": "flask", "app.py": "x"}),
        (
            "python:3.13",
            "python -m pip install --no-cache-dir -r requirements.txt",
            {"requirements.txt": "flask", "app.py": "x"},
        ),
        ("python:3.13", "uv pip install --system -r requirements.txt", {"requirements.txt": "flask", "app.py": "x"}),
        (
            "python:3.13",
            "uv sync --locked --no-install-project",
            {"pyproject.toml": "dependencies = ['a']", "uv.lock": "x", "a.py": "x"},
        ),
        ("python:3.13", "uv sync --locked", {"pyproject.toml": "dependencies = ['a']", "uv.lock": "x", "a.py": "x"}),
        (
            "python:3.13",
            "poetry install --no-root",
            {"pyproject.toml": "[tool.poetry.dependencies]\nflask = '3'", "app.py": "x"},
        ),
        ("python:3.13", "poetry install", {"pyproject.toml": "[tool.poetry.dependencies]\nflask = '3'", "app.py": "x"}),
        ("python:3.13", "pipenv install --deploy --system", {"Pipfile": "x", "Pipfile.lock": "x", "app.py": "x"}),
        ("golang:1.26", "go mod download", {"go.mod": "require x v1", "main.go": "x"}),
        ("golang:1.26", "go build -o /app .", {"go.mod": "require x v1", "main.go": "x"}),
        ("maven:3", "mvn -B package -DskipTests", {"pom.xml": "<project/>", "src/A.java": "x"}),
        ("maven:3", "./mvnw dependency:go-offline", {"pom.xml": "<project/>", "mvnw": "x", "src/A.java": "x"}),
        ("gradle:8", "gradle build", {"build.gradle": "x", "src/A.java": "x"}),
        ("gradle:8", "./gradlew bootJar", {"build.gradle.kts": "x", "gradlew": "x", "src/A.java": "x"}),
        ("rust:1.90", "cargo build --release", {"Cargo.toml": "[dependencies]\nserde = '1'", "src/main.rs": "x"}),
        ("ruby:3.4", "bundle install", {"Gemfile": "gem 'rails'", "Gemfile.lock": "x", "app.rb": "x"}),
        ("composer:2", "composer install --no-dev", {"composer.json": '{"require": {}}', "index.php": "x"}),
        ("mcr.microsoft.com/dotnet/sdk:8.0", "dotnet restore", {"a.csproj": "<PackageReference/>", "A.cs": "x"}),
        (
            "mcr.microsoft.com/dotnet/sdk:8.0",
            "dotnet publish -c Release -o /out",
            {"a.csproj": "<PackageReference/>", "A.cs": "x"},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_install_below_the_sources_is_found(base, command, files):
    text = f"FROM {base}\nWORKDIR /src\nCOPY . .\nRUN {command}\n"
    assert [(line, severity) for line, severity, _ in found("cache-order", text, files)] == [(4, "warning")]


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("pip install .", {"setup.py": "x", "a.py": "x"}),
        ("pip install -e .", {"setup.py": "x", "a.py": "x"}),
        ("pip install '.[dev]'", {"setup.py": "x", "a.py": "x"}),
        ("pip install -e '.[dev]' -r requirements.txt", {"setup.py": "x", "requirements.txt": "x", "a.py": "x"}),
        ("pip install -r requirements.txt", {"requirements.txt": "./libs/a\n", "libs/a/setup.py": "x"}),
        ("pip install -r requirements.txt", {"requirements.txt": "-r dev.txt\n", "dev.txt": "-e .\n", "a.py": "x"}),
        (
            "pip install -r requirements.txt --find-links ./wheels",
            {"requirements.txt": "x", "wheels/a.whl": "x", "a.py": ""},
        ),
        ("pip install --no-index -r requirements.txt", {"requirements.txt": "x", "a.py": ""}),
        ("npm ci", {**NODE, "package.json": '{"workspaces": ["a"], "dependencies": {}}'}),
        ("npm ci", {**NODE, "package.json": '{"dependencies": {"a": "file:../a"}}'}),
        ("npm ci", {**NODE, "package.json": '{"scripts": {"postinstall": "node build.js"}, "dependencies": {}}'}),
        ("npm ci", {**NODE, "package.json": '{"scripts": {"prepare": "tsc"}, "dependencies": {}}'}),
        ("npm ci", {**NODE, "package.json": '{"name": "x"}'}),
        ("npm run build && npm ci", NODE),
        ("pnpm install", {**NODE, "pnpm-lock.yaml": "x", "pnpm-workspace.yaml": "packages:\n  - a\n"}),
        ("yarn install --immutable", {**NODE, "yarn.lock": "x", ".yarn/cache/a.zip": "x"}),
        (
            "uv sync --locked",
            {"pyproject.toml": "dependencies = ['a']\n[tool.uv.workspace]\nmembers = ['a']", "a.py": ""},
        ),
        ("poetry install", {"pyproject.toml": "[tool.poetry.dependencies]\na = {path = './a'}", "a.py": ""}),
        ("go build ./...", {"go.mod": "require x v1", "vendor/modules.txt": "x", "main.go": "x"}),
        ("go build -mod=vendor ./...", {"go.mod": "require x v1", "main.go": "x"}),
        ("go build ./...", {"go.mod": "module x\n", "main.go": "x"}),
        ("go mod download", {"go.mod": "require x v1\nreplace x => ./x", "x/x.go": "x"}),
        ("cargo build --release", {"Cargo.toml": "[workspace]\nmembers = ['a']", "a/src/main.rs": "x"}),
        ("cargo build --release", {"Cargo.toml": "[dependencies]\na = { path = 'a' }", "a/src/lib.rs": "x"}),
        ("mvn package", {"pom.xml": "<modules><module>a</module></modules>", "a/A.java": "x"}),
        ("mvn -o package", {"pom.xml": "<project/>", "A.java": "x"}),
        ("gradle build", {"build.gradle": "x", "settings.gradle": "include 'a'", "a/A.java": "x"}),
        ("bundle install", {"Gemfile": "gemspec\n", "a.rb": "x"}),
        ("composer install", {"composer.json": '{"require": {}, "repositories": [{"type": "path"}]}', "a.php": "x"}),
        ("dotnet publish --no-restore", {"a.csproj": "<PackageReference/>", "A.cs": "x"}),
        ("./setup.sh && npm ci", {**NODE, "setup.sh": "x"}),
        ("make deps", NODE),
        ("npm test", NODE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_install_that_reads_the_sources_is_not(command, files):
    text = f"FROM node:22\nWORKDIR /src\nCOPY . .\nRUN {command}\n"
    assert found("cache-order", text, files) == []


@pytest.mark.parametrize(
    "text",
    [
        # An earlier step for the manifests alone.
        "FROM node:22\nWORKDIR /a\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n",
        "FROM node:22\nWORKDIR /a\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm ci --omit=dev\n",
        "FROM node:22 AS deps\nWORKDIR /a\nCOPY package.json ./\nRUN npm ci\nFROM deps\nCOPY . .\nRUN npm install\n",
        (
            "FROM node:22\nWORKDIR /a\n"
            "RUN --mount=type=bind,source=package.json,target=package.json npm ci\nCOPY . .\nRUN npm ci\n"
        ),
        # Installed in another stage.
        (
            "FROM a AS deps\nFROM node:22\nWORKDIR /a\n"
            "COPY --from=deps /a/node_modules ./node_modules\nCOPY . .\nRUN npm i\n"
        ),
        # The sources come from another stage, or from the network.
        "FROM a AS src\nFROM node:22\nWORKDIR /a\nCOPY --from=src /a .\nRUN npm ci\n",
        "FROM node:22\nRUN git clone https://example.com/a.git /a && cd /a && npm ci\n",
        # Sources that the manifests need, with the rest behind.
        "FROM node:22\nWORKDIR /a\nCOPY package.json ./\nCOPY prisma ./prisma\nRUN npm ci\nCOPY . .\n",
        (
            "FROM golang:1.26\nWORKDIR /a\nCOPY api/ api/\n"
            "COPY go.mod go.sum ./\nRUN go mod download\nCOPY internal internal\n"
        ),
        # What a script made in between.
        "FROM node:22\nWORKDIR /a\nCOPY . .\nRUN ./make-manifests.sh\nRUN npm ci\n",
        "FROM node:22\nWORKDIR /a\nCOPY . .\nRUN cp conf/package.json package.json\nRUN npm ci\n",
        # Settings for the system.
        "FROM debian:12\nCOPY sources.list /etc/apt/sources.list\nRUN apt-get update && apt-get install -y curl\n",
        "FROM debian:12\nCOPY rootfs /\nRUN apt-get update && apt-get install -y curl\n",
        (
            "FROM debian:12\nCOPY ca.crt /usr/local/share/ca-certificates/\n"
            "RUN apt-get update && apt-get install -y curl\n"
        ),
        # It reads what was copied.
        "FROM debian:12\nWORKDIR /a\nCOPY . .\nRUN apt-get update && apt-get install -y $(cat packages.txt)\n",
        "FROM debian:12\nWORKDIR /a\nCOPY . .\nRUN apt-get update && xargs apt-get install -y < packages.txt\n",
        "FROM debian:12\nWORKDIR /a\nCOPY . .\nRUN apt-get install -y ./tool.deb\n",
        "FROM debian:12\nWORKDIR /a\nCOPY . .\nRUN chmod +x run.sh && apt-get install -y curl\n",
        # Cheap.
        "FROM debian:12\nWORKDIR /a\nCOPY . .\nRUN useradd app\nRUN mkdir -p /data && chown app /data\n",
        # No copy at all, and a manifest that is a folder of them.
        "FROM python:3.13\nCOPY requirements /tmp/requirements\nRUN pip install -r /tmp/requirements/base.txt\n",
        "FROM node:22\nWORKDIR /a\nCOPY package.json tsconfig.json .npmrc ./\nRUN npm ci\n",
        "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nCOPY . /a\n",
        # GOPATH, without a word about modules.
        "FROM golang:1.10\nCOPY . /go/src/app\nWORKDIR /go/src/app\nRUN go build -o /app\n",
        "FROM golang:1.10\nCOPY . /go/src/app\nWORKDIR /go/src/app\nRUN go get -d ./... && go install ./...\n",
        # The program is among the files.
        "FROM debian:12\nCOPY docker-php-ext-* /usr/local/bin/\nRUN docker-php-ext-install gd\n",
        "FROM debian:12\nCOPY install-php-extensions /usr/local/bin/\nRUN install-php-extensions gd\n",
        "FROM debian:12\nCOPY policy-rc.d /usr/sbin/policy-rc.d\nRUN apt-get update && apt-get install -y curl\n",
        # A file from elsewhere is no source.
        "FROM alpine:3.22\nADD https://example.com/kubectl /usr/local/bin/kubectl\nRUN apk add curl\n",
        "FROM alpine:3.22\nCOPY <<EOF /run.sh\necho\nEOF\nRUN apk add curl\n",
    ],
)
def test_good_order_is_left_alone(text):
    assert found("cache-order", text) == []


def test_unrelated_steps_are_each_found():
    text = (
        "FROM debian:12\nWORKDIR /srv\nCOPY . .\nRUN apt-get update && apt-get install -y curl\n"
        "RUN curl -fsSL https://example.com/install.sh | bash\nRUN npm install -g serve\nRUN ./build.sh\n"
        "RUN apt-get install -y git\n"
    )
    # Behind the script nobody knows what a step needs.
    assert lines("cache-order", text) == [4, 5, 6]


def test_the_home_of_root_is_a_place_for_sources_too():
    text = "FROM node:22\nCOPY . /root/{}\nWORKDIR /root/app\nRUN npm install -g serve\n"
    assert lines("cache-order", text.format("app")) == [4]
    assert lines("cache-order", text.format(".config/")) == []


def test_levels():
    copied = "FROM node:22\nWORKDIR /a\nCOPY . .\n"
    mount = "RUN --mount=type=cache,target=/root/.npm npm ci\n"
    assert found("cache-order", copied + mount, NODE)[0][1] == "info"
    script = "FROM debian:12\nCOPY entrypoint.sh /\nRUN apt-get update && apt-get install -y curl\n"
    assert found("cache-order", script)[0][1] == "info"
    assert found("cache-order", "FROM gradle:8\nWORKDIR /a\nCOPY . .\nRUN gradle build\n")[0][1] == "info"
    assert found("cache-order", "FROM golang:1.26\nWORKDIR /a\nCOPY . .\nRUN go build -o /x .\n")[0][1] == "style"


def test_build_with_the_modules_in_a_mount_is_well_there():
    text = (
        "FROM golang:1.26\nWORKDIR /a\n"
        "RUN --mount=type=bind,target=. --mount=type=cache,target=/go/pkg/mod go build -o /x .\n"
    )
    assert found("cache-order", text, {"go.mod": "require x v1", "main.go": "x"}) == []


def test_bind_mount_of_the_whole_context_counts_as_a_copy():
    text = "FROM node:22\nWORKDIR /a\nRUN --mount=type=bind,target=/a,rw npm ci\n"
    ((line, _, message),) = found("cache-order", text, NODE)
    assert line == 3
    assert "mounts" in message


def test_nothing_is_known_of_a_context_with_other_files():
    # The manifest is made by a step that is not known to make one.
    text = "FROM node:22\nWORKDIR /a\nCOPY . .\nRUN npm ci\n"
    assert found("cache-order", text, {"README.md": "x", "a.js": "x"}) == []
    assert lines("cache-order", text) == [4]


def test_held_back_instructions_are_a_sequence_of_their_own():
    good = "FROM node:22\nONBUILD COPY package.json ./\nONBUILD RUN npm install\nONBUILD COPY . .\n"
    assert found("cache-order", good) == []
    assert lines("cache-order", "FROM node:22\nCOPY . .\nONBUILD RUN npm install\n") == []
    assert lines("cache-order", "FROM node:22\nONBUILD COPY . .\nONBUILD RUN npm install\n") == [3]


def test_the_sources_move_and_the_manifests_come_first():
    text = (
        "FROM node:22\nWORKDIR /app\n\n# the project\n"
        "COPY --chown=node . .\n\n# its packages\nRUN npm ci\n\nUSER node\n"
    )
    assert fixed("cache-order", text, NODE) == (
        "FROM node:22\nWORKDIR /app\n\n"
        "COPY --chown=node package.json package-lock.json ./\n\n# its packages\nRUN npm ci\n\n"
        "# the project\nCOPY --chown=node . .\n\nUSER node\n"
    )


def test_an_install_is_split_from_its_build():
    text = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci && \\\n    npm run build\n"
    assert fixed("cache-order", text, NODE) == (
        "FROM node:22\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n"
    )


def test_the_name_of_the_manifest_is_enough():
    text = "FROM python:3.13\nCOPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt"
    assert fixed("cache-order", text) == (
        "FROM python:3.13\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . /app"
    )


@pytest.mark.parametrize(
    ("text", "files"),
    [
        # Without a lock file npm ci fails.
        ("FROM node:22\nWORKDIR /a\nCOPY . .\nRUN npm ci\n", {"package.json": NODE["package.json"], "a.js": "x"}),
        # The packages of the host would lie over those of the image.
        ("FROM node:22\nWORKDIR /a\nCOPY . .\nRUN npm ci\n", {**NODE, "node_modules/a/index.js": "x"}),
        # Nobody knows the manifests.
        ("FROM node:22\nWORKDIR /a\nCOPY . .\nRUN npm ci\n", {}),
        # A later copy would lie under the tree.
        ("FROM node:22\nWORKDIR /a\nCOPY . .\nCOPY prod.env .env\nRUN npm ci\n", {**NODE, "prod.env": "x"}),
        # The copy is named from another directory.
        ("FROM node:22\nCOPY . a\nWORKDIR /a\nRUN npm ci\n", NODE),
        # Referenced projects are restored too.
        (
            "FROM mcr.microsoft.com/dotnet/sdk:8.0\nWORKDIR /a\nCOPY . .\nRUN dotnet restore\n",
            {"a.csproj": "<PackageReference/><ProjectReference/>", "A.cs": "x"},
        ),
    ],
)
def test_order_is_found_and_not_mended_where_that_might_break(text, files):
    assert lines("cache-order", text, files)
    assert fixed("cache-order", text, files) == text


def test_only_system_packages_move_safely():
    text = "FROM debian:12\n{}COPY . {}\nRUN apt-get update && apt-get install -y curl\n"
    assert applicability("cache-order", text.format("", "/srv/app")) == ["safe"]
    assert applicability("cache-order", text.format("", "/opt/app")) == ["unsafe"]
    assert applicability("cache-order", text.format("", "/var/www/html")) == ["unsafe"]
    assert applicability("cache-order", "FROM node:22\nCOPY . /srv/app\nRUN npm install -g serve\n") == ["unsafe"]


def test_a_build_is_only_shown():
    text = "FROM golang:1.26\nWORKDIR /a\nCOPY . .\nRUN go build -o /x .\n"
    files = {"go.mod": "require x v1", "go.sum": "x", "main.go": "x"}
    assert applicability("cache-order", text, files) == ["display"]
    assert fixed("cache-order", text, files) == text


# The cache model


def model(text, files=None, root=None):
    context = BuildContext(root, os.path.join(root, "Dockerfile"), True) if root else None
    return Dockerfile(Source(text), context=context)


def reruns(text, change, stage=-1, root=None):
    """Lines that re-run, with ? where it is not sure."""
    file = model(text, root=root)
    return [
        f"{each.instruction.line}{'' if each.certain else '?'}"
        for each in CacheModel(file.stages[stage]).reruns(change)
    ]


PROJECT = (
    "ARG TAG=22\nFROM node:$TAG AS build\nWORKDIR /a\nCOPY package.json ./\nRUN npm ci\nCOPY . .\nARG COMMIT\n"
    "LABEL c=$COMMIT\nRUN npm run build\nFROM nginx:1.29\nCOPY --from=build /a/dist /web\nCOPY --link x /x\n"
    "RUN ls /web\nENV A=b\n"
)


def test_a_source_edit_re_runs_from_the_copy_that_brings_it():
    assert reruns(PROJECT, Change("source"), 0) == ["6", "9"]
    assert reruns(PROJECT, Change("manifest"), 0) == ["4", "5", "6", "9"]
    # What is copied from a stage may come out the same; a linked copy depends on its own files alone.
    assert reruns(PROJECT, Change("manifest"), 1) == ["11?", "13?"]


def test_an_argument_counts_from_the_first_run_behind_it():
    assert reruns(PROJECT, Change("argument", "COMMIT"), 0) == ["9"]
    assert reruns(PROJECT, Change("argument", "TAG"), 0) == ["2", "3", "4", "5", "6", "9"]
    assert reruns(PROJECT, Change("argument", "HTTP_PROXY"), 0) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nARG V\nENV V=1\nRUN x\n", []),
        ("FROM a\nARG V\nENV W=$V\nRUN x\nCOPY a /\n", ["4", "5"]),
        ("FROM a\nARG V\nCOPY a-$V /x\n", ["3"]),
        ("FROM a\nARG V\nCOPY a /x\n", []),
        ("FROM a\nARG V\nWORKDIR /$V\nCOPY a .\n", ["3", "4"]),
        ("FROM a\nARG V\nUSER $V\nRUN x\n", ["4"]),
        ("FROM a\nARG V\nLABEL a=$V\nEXPOSE $V\nCMD x $V\n", []),
        ("ARG V=1\nFROM a\nARG V\nRUN x\n", ["4"]),
        ("ARG V=1\nFROM a\nRUN x\n", []),
        ("ARG V=1\nARG W=$V\nFROM a:$W\nRUN x\n", ["3", "4"]),
        ("FROM a\nARG V\nONBUILD RUN x\n", []),
    ],
)
def test_arguments_by_kind_of_instruction(text, expected):
    assert reruns(text, Change("argument", "V"), 0) == expected


def test_bases_and_time():
    assert reruns("FROM a:1\nRUN x\n", Change("base")) == ["1", "2"]
    assert reruns("FROM a:1\nRUN x\n", Change("base", "b:1")) == []
    assert reruns(f"FROM a@sha256:{'0' * 64}\nRUN x\n", Change("base")) == []
    assert reruns("FROM scratch\nCOPY a /\n", Change("base")) == []
    assert reruns("FROM scratch\nADD https://x.org/a /\nCOPY b /\n", Change("time")) == ["2?", "3?"]
    assert reruns("FROM scratch\nADD --checksum=sha256:0 https://x.org/a /\nCOPY b /\n", Change("time")) == []


def test_triggers_of_a_local_parent_run_in_the_child():
    text = "FROM a AS p\nONBUILD COPY . /a\nONBUILD RUN x\nFROM p\nRUN y\n"
    assert reruns(text, Change("source"), 0) == []
    assert reruns(text, Change("source"), 1) == ["2", "3", "5"]
    assert [each.instruction.line for each in CacheModel(model(text).stages[0]).triggers(Change("source"))] == [2, 3]


def test_a_named_file_is_looked_for_in_the_context():
    text = "FROM a\nCOPY src/*.js /a/\nCOPY docs /d\nRUN x\n"
    with context_of({"src/a.js": "x", "docs/b.md": "x", ".dockerignore": "docs/b.md\n"}) as root:
        assert reruns(text, Change("source", "src/a.js"), root=root) == ["2", "3", "4"]
        assert reruns(text, Change("source", "docs/b.md"), root=root) == []
        assert reruns(text, Change("source", "docs/c.md"), root=root) == ["3", "4"]
        assert reruns(text, Change("source", "lib/a.js"), root=root) == []


def test_mounts_in_the_key():
    assert reruns("FROM a\nRUN --mount=type=bind,source=src,target=/s x\n", Change("source")) == ["2"]
    assert reruns("FROM a\nRUN --mount=type=bind,source=go.mod,target=go.mod x\n", Change("source")) == []
    assert (
        reruns("FROM a\nRUN --mount=type=cache,target=/c x\nRUN --mount=type=secret,id=s x\n", Change("source")) == []
    )
    two = "FROM a AS p\nCOPY . /a\nFROM b\nRUN --mount=type=bind,from=p,target=/s x\n"
    assert reruns(two, Change("source")) == ["4?"]


def test_scenarios_of_one_instruction():
    file = model(PROJECT)
    stage = file.stages[0]
    assert CacheModel(stage).reruns_on(stage.instructions[2]) == ["manifest", "base", "time"]
    assert CacheModel(stage).reruns_on(stage.instructions[4]) == ["source", "manifest", "base", "time"]


# The other rules


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nARG BUILD_DATE\nRUN apt-get install -y curl\n", [2]),
        ("FROM a\nARG COMMIT=unknown\nENV COMMIT=$COMMIT\nRUN npm ci\n", [2]),
        ("FROM a\nARG C\nENV GIT_SHA=$C\nRUN npm ci\n", [3]),
        ("FROM a\nARG CI_JOB_ID\nRUN echo $CI_JOB_ID && npm ci\nRUN pip install x\n", []),
        ("FROM a\nARG VERSION\nRUN npm ci\n", [2]),
        ("FROM a\nARG VERSION=1.0\nRUN npm ci\n", []),
        ("ARG VERSION=1.0\nFROM a\nARG VERSION\nRUN npm ci\n", []),
        ("FROM a\nARG BRANCH=stable\nRUN npm ci\n", []),
        ("FROM a\nENV RELEASE=bookworm\nRUN npm ci\n", []),
        ("FROM a\nENV GIT_LFS_VERSION=3\nRUN npm ci\n", []),
        ("FROM a\nARG GIT_COMMIT\nRUN mkdir /a\nCOPY . .\n", []),
        ("FROM a\nRUN npm ci\nARG GIT_COMMIT\nCMD x\n", []),
        ("FROM a\nARG GIT_COMMIT\nFROM b\nRUN npm ci\n", []),
        ("FROM a\nARG BUILD_DATE\nRUN python -c 'import os; os.environ[\"BUILD_DATE\"]' && npm ci\n", []),
    ],
)
def test_cache_busting_variable(text, expected):
    assert lines("cache-busting-variable", text) == expected


@pytest.mark.parametrize(
    ("run", "count"),
    [
        ("git clone https://github.com/a/b", 1),
        ("git clone -b main https://github.com/a/b", 1),
        ("git clone -b v1 https://github.com/a/b", 0),
        ("git clone --branch=$TAG https://github.com/a/b", 0),
        ("git clone https://github.com/a/b && cd b && git reset --hard 4f5d", 0),
        ("git clone https://github.com/a/b && git -C b checkout main", 1),
        ("git clone /srv/mirror", 0),
        ("git clone $OPTIONS https://github.com/a/b", 0),
        ("curl -LO https://raw.githubusercontent.com/a/b/master/install.sh", 1),
        ("curl -LO https://github.com/a/b/archive/main.tar.gz", 1),
        ("curl -LO https://example.com/nightly/tool.tgz", 1),
        ("curl -LO https://example.com/master/tool.tgz", 0),
        ("curl -LO https://github.com/a/master/releases/download/v1/master.tgz", 0),
        ("curl -LO http://ftp.debian.org/debian/pool/main/a/a.deb", 0),
        ("curl -LO https://github.com/a/b/raw/main/tool-1.2.tar.gz", 0),
        ("echo https://example.com/latest/x", 0),
        ("date > /built", 1),
        ("echo $(date +%s) >> /built", 1),
        ("echo started at $(date)", 0),
        ("date -d @0 > /built", 0),
        ("date > /tmp/x", 0),
    ],
)
def test_stale_run(run, count):
    assert len(lines("stale-run", f"FROM debian:12\nRUN {run}\n")) == count


def test_stale_run_is_quiet_where_the_cache_is_broken_anyway():
    assert lines("stale-run", "FROM a\nARG CACHE_BUST_DEPS=1\nRUN git clone https://github.com/a/b\n") == []
    assert lines("stale-run", "FROM a\nARG GIT_COMMIT\nRUN git clone https://github.com/a/b\n") == []


@pytest.mark.parametrize(
    ("head", "run", "expected"),
    [
        (
            "# syntax=docker/dockerfile:1\nFROM debian:12\n",
            "git clone https://github.com/a/b",
            "ADD https://github.com/a/b.git b",
        ),
        (
            "# syntax=docker/dockerfile:1\nFROM debian:12\n",
            "git clone -b main https://example.org/a/b.git /src",
            "ADD https://example.org/a/b.git#main /src",
        ),
        ("FROM debian:12\n", "git clone https://github.com/a/b", None),
        ("# syntax=docker/dockerfile:1\nFROM debian:12\nUSER app\n", "git clone https://github.com/a/b", None),
        ("# syntax=docker/dockerfile:1\nFROM debian:12\n", "git clone https://example.org/a/b", None),
        ("# syntax=docker/dockerfile:1\nFROM debian:12\n", "git clone --recursive https://github.com/a/b", None),
        ("# syntax=docker/dockerfile:1\nFROM debian:12\n", "git clone git@github.com:a/b.git", None),
        ("# syntax=docker/dockerfile:1\nFROM debian:12\n", "git clone https://u:p@github.com/a/b.git", None),
        ("# syntax=docker/dockerfile:1\nFROM debian:12\n", "git clone https://github.com/a/b && make -C b", None),
    ],
)
def test_a_clone_becomes_an_add_only_where_it_is_the_same(head, run, expected):
    text = f"{head}RUN {run}\n"
    assert fixed("stale-run", text) == (text if expected is None else f"{head}{expected}\n")


def test_history_is_kept_for_a_build_that_may_read_it():
    text = (
        "# syntax=docker/dockerfile:1\nFROM golang:1.26\n"
        "RUN git clone --depth 1 https://github.com/a/b /b\nRUN cd /b && go build\n"
    )
    assert "ADD --keep-git-dir=true https://github.com/a/b.git /b\n" in fixed("stale-run", text)


@pytest.mark.parametrize(
    "text",
    [
        "RUN git clone https://github.com/a/b /b\nRUN cd /b && go build\n",
        "RUN git clone https://github.com/a/b /b\nRUN cd /b && git checkout next\n",
        "RUN git clone --depth 1 https://github.com/a/b /b\nRUN cd /b && git describe\n",
        "RUN git clone https://github.com/a/b /b\nFROM debian\nCOPY --from=0 /b /b\nRUN git -C /b log\n",
    ],
)
def test_one_commit_is_not_enough(text):
    text = "# syntax=docker/dockerfile:1\nFROM golang:1.26\n" + text
    assert lines("stale-run", text)
    assert fixed("stale-run", text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "FROM node:22\nUSER node\nRUN npm ci\n",
            "FROM node:22\nUSER node\nRUN --mount=type=cache,target=/home/node/.npm,uid=1000 npm ci\n",
        ),
        (
            "FROM debian:12\nRUN useradd -m -u 999 app\nUSER app\nRUN pip install x\n",
            "FROM debian:12\nRUN useradd -m -u 999 app\nUSER app\n"
            "RUN --mount=type=cache,target=/home/app/.cache/pip,uid=999 pip install x\n",
        ),
        (
            "FROM python:3.13\nRUN pip3 install x && pip3 cache purge\n",
            "FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache/pip pip3 install x\n",
        ),
        (
            "FROM node:22\nRUN yarn install\n",
            "FROM node:22\nRUN --mount=type=cache,target=/usr/local/share/.cache/yarn,sharing=locked yarn install\n",
        ),
        (
            'FROM python:3.13\nRUN ["pip", "install", "--no-cache-dir", "x"]\n',
            'FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache/pip ["pip", "install", "x"]\n',
        ),
        (
            'FROM golang:1.26 AS b\nRUN go build -o /x .\nFROM scratch\nCOPY --from=b /x /x\nENTRYPOINT ["/x"]\n',
            "FROM golang:1.26 AS b\n"
            "RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build"
            ' go build -o /x .\nFROM scratch\nCOPY --from=b /x /x\nENTRYPOINT ["/x"]\n',
        ),
    ],
)
def test_a_cache_mount_is_added_for_the_user_in_force(text, expected):
    assert fixed("missing-cache-mount", text) == expected


@pytest.mark.parametrize(
    "text",
    [
        # The user, the base or the place is not known.
        "FROM debian:12\nUSER app\nRUN pip install x\n",
        "FROM registry.example.com/base\nRUN pip install x\n",
        "FROM node:22\nUSER 1000\nRUN npm ci\n",
        # A later step takes its dependencies from there.
        'FROM golang:1.26\nRUN go mod download\nCOPY . .\nRUN go build -o /x\nCMD ["/x"]\n',
        'FROM mcr.microsoft.com/dotnet/sdk:8.0\nRUN dotnet restore\nRUN dotnet publish --no-restore\nCMD ["/x"]\n',
        "FROM maven:3 AS b\nRUN mvn package\nFROM a\nCOPY --from=b /root/.m2 /root/.m2\n",
        # The folder above is removed in the same RUN, or the clean-up takes other things along.
        "FROM python:3.13\nRUN pip install x && rm -rf /root/.cache\n",
        "FROM node:22\nRUN npm ci && rm -rf /root/.npm /tmp/x\n",
        # An old frontend.
        "# syntax=docker/dockerfile:1.0\nFROM node:22\nRUN npm ci\n",
    ],
)
def test_no_cache_mount_where_it_could_do_harm(text):
    assert lines("missing-cache-mount", text)
    assert fixed("missing-cache-mount", text) == text


@pytest.mark.parametrize(
    "text",
    [
        "FROM node:22\nRUN npm ci --offline\n",
        "FROM node:22\nRUN --network=none npm ci\n",
        "FROM node:22\nRUN npm run build\n",
        "FROM python:3.13\nENV PIP_NO_CACHE_DIR=1\nRUN pip install x\n",
        "FROM python:3.13\nRUN pip install --cache-dir /x x\n",
        "FROM python:3.13\nRUN pip install --upgrade pip setuptools\n",
        "FROM node:22\nRUN --mount=type=cache,target=/root npm ci\n",
        "FROM node:22\nRUN --mount=type=cache,target=$CACHE npm ci\n",
        "FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
        "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN npm ci\n",
        "FROM mcr.microsoft.com/dotnet/sdk:8.0\nRUN dotnet publish --no-restore\n",
    ],
)
def test_missing_cache_mount_is_quiet(text):
    assert lines("missing-cache-mount", text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache pip install --no-cache-dir x\n", [2]),
        (
            (
                "FROM debian:12\n"
                "RUN --mount=type=cache,target=/var/lib/apt apt-get update && rm -rf /var/lib/apt/lists/*\n"
            ),
            [2],
        ),
        ("FROM debian:12\nRUN --mount=type=cache,target=/var/cache/apt apt-get install -y x && apt-get clean\n", [2]),
        ("FROM fedora:43\nRUN --mount=type=cache,target=/var/cache/libdnf5 dnf install -y x && dnf clean all\n", [2]),
        ("FROM node:22\nRUN --mount=type=cache,target=/root/.npm npm ci && rm -rf ~/.npm\n", [2]),
        ("FROM node:22\nRUN --mount=type=cache,target=/root/.npm npm ci && rm -rf /root/.cache /tmp/*\n", []),
        ("FROM debian:12\nRUN --mount=type=cache,target=/var/lib/apt apt-get install -y x && apt-get clean\n", []),
        ("FROM node:22\nRUN --mount=type=cache,target=/p,id=pnpm pnpm install && pnpm store prune\n", []),
        ("FROM python:3.13\nRUN --mount=type=cache,target=/models pip install --no-cache-dir x\n", []),
        (
            "FROM python:3.13\nENV PIP_NO_CACHE_DIR=0\nRUN --mount=type=cache,target=/root/.cache/pip pip install x\n",
            [],
        ),
    ],
)
def test_defeated_cache_mount(text, expected):
    assert lines("defeated-cache-mount", text) == expected


def test_apk_needs_the_index_in_the_cache():
    text = "FROM alpine:3.22\nRUN --mount=type=cache,target=/var/cache/apk apk add --no-cache curl\n"
    assert applicability("defeated-cache-mount", text) == ["unsafe"]
    assert "apk add --update-cache curl" in fixed("defeated-cache-mount", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM node:22\nRUN --mount=type=cache,target=/root/.cache/yarn yarn install\n", [2]),
        ("FROM node:22\nRUN --mount=type=cache,target=/root/.npm yarn install\n", [2]),
        ("FROM python:3.13\nRUN --mount=type=cache,target=/root/.cache/pip uv pip install x\n", [2]),
        ("FROM alpine:3.22\nRUN --mount=type=cache,target=/var/cache/apt apk add curl\n", [2]),
        ("FROM rust:1.90\nRUN --mount=type=cache,target=/root/.cargo/registry cargo build\n", [2]),
        ("FROM node:22\nUSER node\nRUN --mount=type=cache,target=/home/node/.npm npm ci\n", [3]),
        ("FROM node:22\nUSER node\nRUN --mount=type=cache,target=/home/node/.npm,mode=0777 npm ci\n", []),
        ("FROM node:22\nRUN corepack enable\nRUN --mount=type=cache,target=/root/.cache/yarn yarn install\n", []),
        ("FROM node:22\nRUN --mount=type=cache,target=/app/.next/cache npm ci\n", []),
        ("FROM node:22\nRUN --mount=type=cache,target=/root/.cargo/registry npm ci\n", []),
        (
            (
                "FROM node:22\nENV npm_config_cache=/root/.npm\nUSER node\n"
                "RUN --mount=type=cache,target=/root/.npm,uid=1000 npm ci\n"
            ),
            [],
        ),
        ("FROM node:22\nRUN --mount=type=cache,target=/root/.npm npm run build && yarn install\n", []),
        ("FROM example.org/node\nRUN --mount=type=cache,target=/root/.cache/yarn yarn install\n", []),
        ("FROM rust:1.90\nWORKDIR /a\nRUN --mount=type=cache,target=/a/target cargo build\n", []),
    ],
)
def test_useless_cache_mount(text, expected):
    assert lines("useless-cache-mount", text) == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (
            (
                "FROM debian:12\n"
                "RUN --mount=type=cache,target=/var/cache/apt --mount=type=cache,target=/var/lib/apt apt-get update\n"
            ),
            2,
        ),
        ("FROM debian:12\nRUN --mount=type=cache,sharing=shared,target=/var/cache/apt apt-get install -y x\n", 1),
        ("FROM debian:12\nRUN --mount=type=cache,target=/var/cache/apt,ro apt-get install -y x\n", 0),
        ("FROM debian:12\nRUN --mount=type=cache,target=/models apt-get install -y x\n", 0),
        ("FROM gradle:8\nRUN --mount=type=cache,target=/root/.gradle gradle build\n", 1),
        ("FROM golang:1.26\nRUN --mount=type=cache,target=/go/pkg/mod go build\n", 0),
    ],
)
def test_unsafe_cache_sharing(text, count):
    assert len(lines("unsafe-cache-sharing", text)) == count


def test_one_cache_for_debian_and_ubuntu():
    run = "RUN --mount=type=cache,id={},target=/var/cache/apt,sharing=locked apt-get install -y x\n"
    text = "FROM debian:12\n" + run.format("a") + "FROM ubuntu:24.04\n" + run.format("{}")
    assert lines("unsafe-cache-sharing", text.replace("{}", "a")) == [4]
    assert lines("unsafe-cache-sharing", text.replace("{}", "b")) == []
    # Which release the second one is, nobody knows.
    assert (
        lines("unsafe-cache-sharing", "FROM debian:12\n" + run.format("a") + "FROM debian:$X\n" + run.format("a")) == []
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "FROM rust:1.90 AS b\nWORKDIR /a\nCOPY . .\nRUN --mount=type=cache,target=target cargo build\n"
            "RUN cp target/debug/x /x\n",
            [5],
        ),
        (
            "FROM rust:1.90 AS b\nWORKDIR /a\nCOPY . .\nRUN --mount=type=cache,target=/a/target cargo build\n"
            "RUN --mount=type=cache,target=/a/target cp target/debug/x /x\n",
            [],
        ),
        ("FROM debian:12\nRUN --mount=type=tmpfs,target=/tmp curl -o /tmp/x https://x.org/x\nRUN cp /tmp/x /y\n", [3]),
        ('FROM debian:12\nRUN --mount=type=cache,target=/out make -C /s O=/out\nCMD ["/out/app"]\n', [3]),
        ('FROM debian:12\nRUN --mount=type=cache,target=/out make\nRUN make O=/out\nCMD ["/out/app"]\n', []),
        ('FROM debian:12\nCOPY out /out\nRUN --mount=type=cache,target=/out make\nCMD ["/out/app"]\n', []),
        ("FROM a\nRUN --mount=type=bind,target=/src,rw make\nFROM b\nCOPY --from=0 /src/bin/x /x\n", []),
        ("FROM debian:12\nRUN --mount=type=bind,target=/src,rw make\nFROM b\nCOPY --from=0 /src/bin/x /x\n", [4]),
        ("FROM debian:12\nRUN --mount=type=bind,target=/src make\nFROM b\nCOPY --from=0 /src/bin/x /x\n", []),
        ("FROM debian:12\nRUN --mount=type=cache,target=/o make\nRUN cp /o/x /x || true\n", []),
    ],
)
def test_lost_mount_output(text, expected):
    assert lines("lost-mount-output", text) == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("FROM debian:12\nCOPY a /app/\n", 1),
        ("FROM debian:12\nCOPY a.txt /app/a.txt\n", 1),
        ("FROM debian:12\nCOPY a /app\n", 0),
        ("FROM debian:12\nCOPY --chmod=755 a /app/\n", 0),
        ("FROM debian:12\nCOPY --link=false a /app/\n", 0),
        ("FROM debian:12\nCOPY a /bin/\n", 0),
        ("FROM debian:12\nRUN ln -s /data /app\nCOPY a /app/\n", 0),
        (f"FROM debian@sha256:{'0' * 64}\nCOPY a /app/\n", 0),
        ("# syntax=docker/dockerfile:1.3\nFROM debian:12\nCOPY a /app/\n", 0),
    ],
)
def test_unlinked_copy(text, count):
    assert len(lines("unlinked-copy", text)) == count


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("FROM debian:12\nCOPY a /app/\n", True),
        ("FROM debian:12\nCOPY --chown=1000:1000 a /app/\n", True),
        ("FROM debian:12\nCOPY --chown=app a /app/\n", False),
        ("FROM debian:12\nARG uid=1000\nCOPY --chown=$uid a /app/\n", False),
        ("FROM debian:12\nCOPY a /tmp/\n", False),
        ("FROM debian:12\nCOPY a.txt /home/app/a.txt\n", False),
        ("FROM debian:12\nRUN install -d -o app /app\nCOPY a /app/\n", False),
        ("FROM debian:12\nUSER 1000\nWORKDIR /app\nCOPY a /app/\n", False),
        ("FROM a\nCOPY a /app/\n", False),
        ("FROM a\nCOPY a.txt /etc/a.txt\n", True),
    ],
)
def test_a_linked_copy_keeps_owners_and_modes(text, linked):
    assert lines("unlinked-copy", text)
    assert ("--link" in fixed("unlinked-copy", text)) is linked


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (
            (
                "FROM node:22\nWORKDIR /a\nCOPY package.json package-lock.json ./\n"
                "RUN npm ci\nCOPY . .\nRUN npm run build\n"
            ),
            1,
        ),
        (
            (
                "FROM node:22\nWORKDIR /a\nCOPY package.json package-lock.json ./\n"
                "RUN npm ci\nCOPY src src\nRUN npm run build\n"
            ),
            0,
        ),
        ("FROM node:22\nWORKDIR /a\nCOPY package.json ./\nRUN npm ci\n", 0),
        ("FROM python:3.13\nCOPY a.txt /tmp/requirements.txt\nRUN pip install -r /tmp/requirements.txt\n", 0),
        ("FROM debian:12\nCOPY tool.deb /tmp/\nRUN dpkg -i /tmp/tool.deb\n", 1),
        ("FROM debian:12 AS b\nCOPY tool.deb /tmp/\nRUN dpkg -i /tmp/tool.deb\nFROM a\nCOPY --from=b /tmp /tmp\n", 0),
    ],
)
def test_one_run_copy(text, count):
    assert len(lines("one-run-copy", text)) == count


def test_a_file_that_the_run_changes_is_not_mounted():
    text = (
        "FROM python:3.13\nCOPY requirements.txt /tmp/requirements.txt\n"
        "RUN sed -i /torch/d /tmp/requirements.txt && pip install -r /tmp/requirements.txt\n"
    )
    assert lines("one-run-copy", text) == [2]
    assert fixed("one-run-copy", text) == text


@pytest.mark.parametrize(
    ("build", "copy", "count"),
    [
        ("FROM golang:1.26 AS b\nENV CGO_ENABLED=0\nRUN go build -o /x .\n", "/x", 1),
        ("FROM golang:1.26 AS b\nRUN go build -o /x .\n", "/x", 0),
        ("FROM golang:1.26-alpine AS b\nENV CGO_ENABLED=0\nRUN apk add gcc musl-dev\nRUN go build -o /x .\n", "/x", 0),
        ("FROM --platform=$BUILDPLATFORM golang:1.26 AS b\nENV CGO_ENABLED=0\nRUN go build -o /x .\n", "/x", 0),
        ("FROM maven:3 AS b\nRUN mvn package\n", "/app/target/app.jar", 1),
        ("FROM maven:3 AS b\nRUN mvn -Pnative package\n", "/app/target/app", 0),
        ("FROM node:22 AS b\nRUN npm ci && npm run build\n", "/app", 0),
        ("FROM debian:12 AS b\nRUN make\n", "/x", 0),
    ],
)
def test_emulated_builder(build, copy, count):
    text = f"{build}FROM debian:12\nARG TARGETARCH\nCOPY --from=b {copy} /\n"
    assert len(lines("emulated-builder", text)) == count


def test_go_is_only_mended_where_it_is_told_the_platform():
    text = (
        "FROM golang:1.26 AS b\nARG TARGETARCH\n"
        "RUN CGO_ENABLED=0 {}go build -o /x .\nFROM scratch\nCOPY --from=b /x /\n"
    )
    plain, told = text.format(""), text.format("GOARCH=$TARGETARCH ")
    assert fixed("emulated-builder", plain) == plain
    assert fixed("emulated-builder", told).startswith("FROM --platform=$BUILDPLATFORM golang:1.26 AS b\n")


def test_docker_clean_only_where_it_is():
    run = "RUN --mount=type=cache,target=/var/cache/apt apt-get update && apt-get install -y curl\n"
    assert lines("docker-clean-conflict", "FROM ubuntu:24.04\n" + run) == [2]
    assert lines("docker-clean-conflict", "FROM fedora:43\n" + run) == []
    assert lines("docker-clean-conflict", "FROM debian:12\nCOPY 99keep /etc/apt/apt.conf.d/docker-clean\n" + run) == []
    assert lines("docker-clean-conflict", "FROM debian:12\nRUN : > /etc/apt/apt.conf.d/docker-clean\n" + run) == []
    parent = "FROM debian:12 AS base\nRUN rm -f /etc/apt/apt.conf.d/docker-clean\nFROM base\n"
    assert lines("docker-clean-conflict", parent + run) == []


# Everywhere


@pytest.mark.parametrize("rule", [name for name, rule in RULES.items() if rule.family == "cache"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "RUN npm ci\nCOPY . .\nRUN pip install x\n",
        "FROM\nCOPY\nRUN\nARG\nENV\n",
        (
            "FROM a\nCOPY --from= x\nRUN --mount= npm ci\n"
            "RUN --mount=type=cache npm ci\nRUN --mount=type=cache,target= x\n"
        ),
        'FROM a\nONBUILD\nONBUILD RUN\nONBUILD COPY x\nADD ["a"]\nCOPY [] \nRUN []\n',
        "FROM a AS b\nCOPY --from=b / /\nRUN --mount=type=cache,from=b,target=/x x\nFROM b AS b\nCOPY --from=1 / /\n",
        "FROM ${X\nCOPY ${Y . .\nRUN <<EOF\nnpm ci\n",
        "FROM a\nARG COMMIT\nRUN if true; then npm ci; fi; (cd /a && pip install -r r.txt)\n",
    ],
)
def test_odd_files_raise_nothing(rule, text):
    bench = Bench(RULES[rule])
    bench.findings(text)
    bench.fixed(text)
