"""Installs below the sources that change more often."""

import pytest

from dfadvise.source import Source
from rule_answers import applicability, findings, fixed, lines


def found(rule, text, files=None):
    """(line, severity, message) of each finding."""
    source = Source(text)
    return [(source.line(each.span.start), each.severity, each.message) for each in findings(rule, text, files)]


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
