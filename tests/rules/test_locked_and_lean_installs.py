"""Versions and lock files that installs hold to, and development dependencies that they leave out."""

import pytest

from rule_answers import codes, findings, fixed, shown, shown_levels


@pytest.fixture
def context(tmp_path):
    """Makes a build context of some files."""

    def make(**files):
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_lock_", "-lock.").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return str(tmp_path)

    return make


# --- unpinned-package ---


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FROM debian\nRUN apt-get install -y curl\n", "DL3008"),
        ("FROM alpine\nRUN apk add -t .deps curl\n", "DL3018"),
        ("FROM fedora\nRUN dnf install -y rpm-sign\n", "DL3041"),
        ("FROM fedora\nRUN dnf module install -y nodejs\n", "DL3041"),
        ("FROM centos:7\nRUN yum -y install git\n", "DL3033"),
        ("FROM opensuse/leap\nRUN zypper -n in git\n", "DL3037"),
        ("FROM python\nRUN pip install --upgrade pip\n", "DL3013"),
        ("FROM python\nRUN pip install git+https://github.com/x/y.git\n", "DL3013"),
        ("FROM python\nRUN pipx install black\n", "DL3013"),
        ("FROM node\nRUN npm i -g typescript\n", "DL3016"),
        ("FROM node\nRUN yarn global add serve\n", "DL3016"),
        ("FROM ruby\nRUN gem install bundler\n", "DL3028"),
        ("FROM golang\nRUN go install example.com/x@latest\n", "DL3062"),
    ],
)
def test_unpinned(text, code):
    (finding,) = shown("unpinned-package", text)
    assert code in finding.aliases


@pytest.mark.parametrize(
    "text",
    [
        "FROM debian\nRUN apt-get install -y curl=7.* ./x.deb git/bookworm-backports\n",
        "FROM debian\nARG P\nRUN apt-get install -y $P curl-$P\n",
        "FROM debian\nRUN apt-get build-dep -y python3 && apt-get remove -y git\n",
        "FROM alpine\nRUN apk add --virtual .deps 'curl~=8' !pyc\n",
        "FROM fedora\nENV V=2.51\nRUN dnf install -y git-core-$V @development-tools\n",
        "FROM fedora\nRUN dnf group install -y 'Development Tools'\n",
        "FROM opensuse/leap\nRUN zypper -n in -t pattern devel_basis\n",
        "FROM python\nRUN pip install -r requirements.txt -e . ./x.whl 'flask>=3' 'b[c]==1'\n",
        "FROM python\nRUN pip install flask -c constraints.txt\n",
        "FROM node\nRUN npm ci && npm install && npm install x@1 @a/b@2 ./c\n",
        "FROM node\nRUN npm run install x && yarn add x@1\n",
        "FROM ruby\nRUN gem install bundler -v 2.5 && gem install rake:13 -- --with-x y && bundle install\n",
        "FROM golang\nRUN go install x.com/y@v1 && go build ./... && go run x.com/y@v1 arg && go run main.go\n",
    ],
)
def test_pinned(text):
    assert shown("unpinned-package", text) == []


def test_only_the_managers_asked_for():
    text = "FROM debian\nRUN apt-get install -y curl && pip install flask\n"
    options = {"rules": {"unpinned-package": {"managers": ["pip"]}}}
    (finding,) = shown("unpinned-package", text, **options)
    assert finding.message == "flask installed without a version"


def test_one_finding_names_the_first_and_marks_all():
    text = "FROM debian\nRUN apt-get install -y a b=1 c d e\n"
    (finding,) = shown("unpinned-package", text)
    assert finding.message == "a, c, d and 1 more installed without a version"
    assert text[finding.span.start : finding.span.end] == "a"
    assert [text[span.start : span.end] for _, span in finding.related] == ["c", "d", "e"]


# --- unlocked-install ---

UNLOCKED = {
    "npm": ("COPY package.json package-lock.json ./\nRUN npm i", "RUN npm ci"),
    "npm in another folder": ("COPY web/package.json web/package-lock.json /w/\nRUN cd /w && npm install", "&& npm ci"),
    "npm by prefix": ("COPY package.json package-lock.json /w/\nRUN npm --prefix /w install", "npm --prefix /w ci"),
    "npm, shrinkwrapped": ("COPY package.json npm-shrinkwrap.json ./\nRUN npm install", "RUN npm ci"),
    "yarn": ("COPY package.json yarn.lock ./\nRUN yarn", "RUN yarn --frozen-lockfile"),
    "yarn 4": ("COPY .yarnrc.yml package.json yarn.lock ./\nRUN yarn install", "RUN yarn install --immutable"),
    "pnpm": ("COPY package.json pnpm-lock.yaml ./\nRUN pnpm i --prod", "RUN pnpm i --frozen-lockfile --prod"),
    "bun": ("COPY package.json bun.lock ./\nRUN bun install", "RUN bun install --frozen-lockfile"),
    "uv": ("COPY pyproject.toml uv.lock ./\nRUN uv sync --no-dev", "RUN uv sync --locked --no-dev"),
    "pipenv": ("COPY Pipfile Pipfile.lock ./\nRUN pipenv install --system", "RUN pipenv install --deploy --system"),
    "composer": ("COPY composer.json composer.lock ./\nRUN composer update", "RUN composer install"),
    "bundler": ("COPY Gemfile Gemfile.lock ./\nRUN bundle install", "ENV BUNDLE_FROZEN=true\nRUN bundle install"),
    "cargo": ("COPY Cargo.toml Cargo.lock ./\nRUN cargo build --release", "RUN cargo build --locked --release"),
    "cargo install": (
        "COPY Cargo.toml Cargo.lock ./\nRUN cargo install --path .",
        "RUN cargo install --locked --path .",
    ),
    "nuget": ("COPY a.csproj packages.lock.json ./\nRUN dotnet restore", "RUN dotnet restore --locked-mode"),
    "a bind mount": (
        "RUN --mount=type=bind,source=package-lock.json,target=/app/package-lock.json npm install",
        "target=/app/package-lock.json npm ci",
    ),
    "from another stage": ("COPY --from=node:22 /src/package-lock.json /app/\nRUN npm install", "RUN npm ci"),
}


@pytest.mark.parametrize(("text", "ending"), UNLOCKED.values(), ids=UNLOCKED.keys())
def test_unlocked(text, ending):
    text = f"FROM node:22\nWORKDIR /app\n{text}\n"
    assert shown_levels("unlocked-install", text) == ["info"]
    result = fixed("unlocked-install", text)
    assert result.endswith(ending + "\n")
    assert shown("unlocked-install", result) == []


LOCKED = {
    "npm ci": "COPY package.json package-lock.json ./\nRUN npm ci",
    "no lock file": "COPY package.json ./\nRUN npm install",
    "perhaps a lock file": "COPY package*.json ./\nRUN npm install",
    "everything, nobody knows what": "COPY . .\nRUN npm install",
    "another folder's": "COPY web/package-lock.json /web/\nRUN npm install",
    "copied later": "RUN npm install\nCOPY package.json package-lock.json ./",
    "another manager's": "COPY package.json yarn.lock ./\nRUN npm install",
    "removed": "COPY package.json package-lock.json ./\nRUN rm package-lock.json && npm install",
    "named packages": "COPY package.json package-lock.json ./\nRUN npm install express@5",
    "tools": "COPY package.json yarn.lock ./\nRUN yarn global add serve && npm i -g npm",
    "yarn": "COPY package.json yarn.lock ./\nRUN yarn install --frozen-lockfile",
    "yarn add": "COPY package.json yarn.lock ./\nRUN yarn add left-pad",
    "pnpm in CI": "ENV CI=true\nCOPY package.json pnpm-lock.yaml ./\nRUN pnpm install",
    "pnpm that nobody knows": "ARG CI\nCOPY package.json pnpm-lock.yaml ./\nRUN pnpm install",
    "uv by variable": "ENV UV_FROZEN=1\nCOPY pyproject.toml uv.lock ./\nRUN uv sync",
    "uv pip": "COPY pyproject.toml uv.lock requirements.txt ./\nRUN uv pip install -r requirements.txt",
    "pipenv sync": "COPY Pipfile Pipfile.lock ./\nRUN pipenv sync",
    "poetry always": "COPY pyproject.toml poetry.lock ./\nRUN poetry install",
    "composer install": "COPY composer.json composer.lock ./\nRUN composer install --no-dev",
    "composer update of one": "COPY composer.json composer.lock ./\nRUN composer update a/b",
    "bundler by setting": "COPY Gemfile Gemfile.lock ./\nRUN bundle config set --local frozen true && bundle install",
    "bundler deployed": "ENV BUNDLE_DEPLOYMENT=1\nCOPY Gemfile Gemfile.lock ./\nRUN bundle install",
    "go by default": "COPY go.mod go.sum ./\nRUN go mod download",
    "cargo": "COPY Cargo.toml Cargo.lock ./\nRUN cargo build --frozen",
    "nuget by property": "COPY a.csproj packages.lock.json ./\nRUN dotnet restore -p:RestoreLockedMode=true",
    "options nobody knows": "ARG NPM_FLAGS\nCOPY package.json package-lock.json ./\nRUN npm install $NPM_FLAGS",
}


@pytest.mark.parametrize("text", LOCKED.values(), ids=LOCKED.keys())
def test_locked(text):
    assert shown("unlocked-install", f"FROM node:22\nWORKDIR /app\n{text}\n") == []


def test_a_lock_file_of_the_context_counts(context):
    root = context(package_json="{}", package_lock_json="{}")
    text = "FROM node:22\nWORKDIR /app\nCOPY package*.json ./\nRUN npm install\n"
    (finding,) = shown("unlocked-install", text, root)
    assert "is copied" in finding.message
    assert fixed("unlocked-install", text, root).endswith("RUN npm ci\n")


def test_a_lock_file_that_is_not_copied_gets_no_fix(context):
    root = context(package_json="{}", package_lock_json="{}")
    text = "FROM node:22\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\n"
    (finding,) = shown("unlocked-install", text, root)
    assert "is in the context" in finding.message
    assert finding.fix is None


def test_an_ignored_lock_file_is_none(context):
    root = context(package_json="{}", package_lock_json="{}", _dockerignore="*-lock.json\n")
    text = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\n"
    assert shown("unlocked-install", text, root) == []


def test_settings_of_the_context_hold_to_the_lock_file(context):
    root = context(package_json="{}", yarn_lock="#", _yarnrc="--install.frozen-lockfile true\n")
    text = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN yarn install\n"
    assert shown("unlocked-install", text, root) == []


def test_bundler_without_a_lock_file_is_style():
    text = "FROM ruby:3.4\nCOPY . .\nRUN bundle install\n"
    assert [each.severity for each in findings("unlocked-install", text)] == ["style"]
    assert codes("unlocked-install", text) == {"tally:ruby/missing-bundle-deployment"}


# --- dev-dependencies-shipped ---

END = 'CMD ["node", "server.js"]'
WITH_DEVELOPMENT = {
    "npm": (f"RUN npm ci\n{END}", "RUN npm ci --omit=dev"),
    "npm install": (f"RUN npm install --no-audit\n{END}", "RUN npm install --omit=dev --no-audit"),
    "the variable comes too late": (f"RUN npm ci\nENV NODE_ENV=production\n{END}", "RUN npm ci --omit=dev"),
    "pruned in a layer of its own": (f"RUN npm ci\nRUN npm prune --omit=dev\n{END}", "RUN npm ci --omit=dev"),
    "yarn": (f"RUN yarn install --frozen-lockfile\n{END}", "RUN yarn install --production --frozen-lockfile"),
    "pnpm": (f"RUN pnpm install\n{END}", "RUN pnpm install --prod"),
    "bun": (f"RUN bun install\n{END}", "RUN bun install --production"),
    "uv": (f"RUN uv sync --locked\n{END}", "RUN uv sync --no-dev --locked"),
    "poetry": (f"RUN poetry install --no-root\n{END}", "RUN poetry install --only=main --no-root"),
    "pipenv": (f"RUN pipenv install --deploy --dev\n{END}", "RUN pipenv install --deploy"),
    "composer": (f"RUN composer install\n{END}", "RUN composer install --no-dev"),
    "bundler": (f"RUN bundle install\n{END}", "ENV BUNDLE_WITHOUT=development:test\nRUN bundle install"),
}


@pytest.mark.parametrize(("text", "line"), WITH_DEVELOPMENT.values(), ids=WITH_DEVELOPMENT.keys())
def test_with_development(text, line):
    text = f"FROM node:22-slim\nWORKDIR /app\nCOPY . .\n{text}\n"
    assert shown_levels("dev-dependencies-shipped", text) == ["warning"]
    result = fixed("dev-dependencies-shipped", text)
    assert f"\n{line}\n" in result
    assert shown("dev-dependencies-shipped", result) == []


LEAN = {
    "npm": f"RUN npm ci --omit=dev\n{END}",
    "npm, old": f"RUN npm ci --only=production\n{END}",
    "by variable": f"ENV NODE_ENV=production\nRUN npm ci\n{END}",
    "before the command": f"RUN NODE_ENV=production npm ci\n{END}",
    "nobody knows": f"ARG NODE_ENV\nRUN npm ci\n{END}",
    "an image for development": f"ENV NODE_ENV=development\nRUN npm ci\n{END}",
    "asked for": f"RUN npm ci --include=dev\n{END}",
    "pruned at once": f"RUN npm ci && npm prune --omit=dev\n{END}",
    "removed at once": f"RUN npm ci && rm -rf node_modules\n{END}",
    "a tool": f"RUN npm install -g pm2\n{END}",
    "a package": f"RUN npm install express\n{END}",
    "builds": f"RUN npm ci\nRUN npm run build\n{END}",
    "builds at once": f"RUN npm ci && npx tsc\n{END}",
    "tests": f"RUN npm ci && npm test\n{END}",
    "a development server": 'RUN npm ci\nCMD ["npm", "run", "dev"]',
    "a watcher": 'RUN npm ci\nCMD ["nodemon", "server.js"]',
    "only a prompt": "RUN npm ci",
    "uv": f"RUN uv sync --locked --no-dev\n{END}",
    "uv by variable": f"ENV UV_NO_DEV=1\nRUN uv sync --locked\n{END}",
    "poetry": f"RUN poetry install --only main && poetry install --without dev\n{END}",
    "pipenv": f"RUN pipenv install --deploy --system\n{END}",
    "composer": f"RUN composer install --no-dev\n{END}",
    "composer by variable": f"ENV COMPOSER_NO_DEV=1\nRUN composer install\n{END}",
    "bundler by variable": f"ENV BUNDLE_WITHOUT=development\nRUN bundle install\n{END}",
    "bundler by setting": f"RUN bundle config set --local without 'development test' && bundle install\n{END}",
    "pip knows no such thing": f"RUN pip install -r requirements.txt\n{END}",
    "options nobody knows": f"ARG NPM_ARGS\nRUN npm ci $NPM_ARGS\n{END}",
}


@pytest.mark.parametrize("text", LEAN.values(), ids=LEAN.keys())
def test_without_development(text):
    assert shown("dev-dependencies-shipped", f"FROM node:22-slim\nWORKDIR /app\nCOPY . .\n{text}\n") == []


@pytest.mark.parametrize("name", ["dev", "test", "ci", "debug", "web-dev"])
def test_stages_for_development(name):
    text = f"FROM node:22-slim AS {name}\nWORKDIR /app\nCOPY . .\nRUN npm ci\n{END}\n"
    assert shown("dev-dependencies-shipped", text) == []


BUILD = "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n"
COPIED = {
    "node_modules": (BUILD + "FROM node:22-slim\nCOPY --from=build /app/node_modules ./node_modules\n", True),
    "the whole folder": (BUILD + "FROM node:22-slim\nCOPY --from=build /app /app\n", True),
    "relative to the root": (BUILD + "FROM node:22-slim\nCOPY --from=build app/node_modules ./node_modules\n", True),
    "the product": (BUILD + "FROM node:22-slim\nCOPY --from=build /app/dist /app\n", False),
    "pruned": (BUILD + "RUN npm prune --production\nFROM node:22-slim\nCOPY --from=build /app /app\n", False),
    "installed again": (BUILD + "RUN npm ci --omit=dev\nFROM node:22-slim\nCOPY --from=build /app /app\n", False),
    "removed": (BUILD + "RUN rm -rf node_modules\nFROM node:22-slim\nCOPY --from=build /app /app\n", False),
    "left out": (BUILD + "FROM node:22-slim\nCOPY --from=build --exclude=node_modules /app /app\n", False),
    "a stage of its own": (
        BUILD + "FROM node:22 AS deps\nWORKDIR /app\nRUN npm ci --omit=dev\n"
        "FROM node:22-slim\nCOPY --from=deps /app/node_modules ./node_modules\n",
        False,
    ),
    "of a stage that does not ship": (
        BUILD + "FROM node:22 AS other\nCOPY --from=build /app /app\nFROM node:22-slim\nRUN true\n",
        False,
    ),
    "gems": (
        "FROM ruby:3.4 AS build\nCOPY Gemfile ./\nRUN bundle install\n"
        "FROM ruby:3.4-slim\nCOPY --from=build /usr/local/bundle /usr/local/bundle\n",
        True,
    ),
    "a virtual environment": (
        "FROM python:3.13 AS build\nWORKDIR /app\nCOPY . .\nRUN uv sync --locked\n"
        "FROM python:3.13-slim\nCOPY --from=build /app/.venv /app/.venv\n",
        True,
    ),
    "vendor": (
        "FROM composer:2 AS build\nWORKDIR /app\nCOPY . .\nRUN composer install\n"
        "FROM php:8.4\nCOPY --from=build /app/vendor /app/vendor\n",
        True,
    ),
}


@pytest.mark.parametrize(("text", "told"), COPIED.values(), ids=COPIED.keys())
def test_copied_along(text, told):
    findings = shown("dev-dependencies-shipped", f"{text}{END}\n")
    assert [each.instruction.keyword for each in findings] == ["COPY"] * told


def test_manifests_without_development_dependencies(context):
    text = f"FROM node:22-slim\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\n{END}\n"
    for content, told in (
        ('{"dependencies": {}}', 0),
        ('{"devDependencies": {}}', 0),
        ('{"devDependencies": {"jest": "30"}}', 1),
    ):
        assert len(shown("dev-dependencies-shipped", text, context(package_json=content))) == told


def test_gemfiles_without_groups(context):
    text = f"FROM ruby:3.4\nWORKDIR /app\nCOPY Gemfile ./\nRUN bundle install\n{END}\n"
    assert shown("dev-dependencies-shipped", text, context(Gemfile="gem 'rake'\n")) == []
    assert shown("dev-dependencies-shipped", text, context(Gemfile="group :test do\n gem 'rspec'\nend\n")) != []


def test_old_npm_gets_its_own_option():
    text = f"FROM node:14\nWORKDIR /app\nCOPY . .\nRUN npm ci\n{END}\n"
    assert "RUN npm ci --only=production\n" in fixed("dev-dependencies-shipped", text)


def test_other_tools_look_at_every_stage():
    text = "FROM composer:2 AS b\nRUN composer install\nFROM php:8.4\nCOPY --from=b /x /x\n"
    assert shown("dev-dependencies-shipped", text) == []
    assert codes("dev-dependencies-shipped", text) == {"tally:php/composer-no-dev-in-production"}


def test_a_setting_stands_above_the_comment_of_its_step():
    text = "FROM ruby:3.4\nCOPY Gemfile Gemfile.lock ./\n# dfadvise: ignore[stale-run]\nRUN bundle install\n"
    expected = text.replace("# dfadvise", "ENV BUNDLE_FROZEN=true\n# dfadvise")
    assert fixed("unlocked-install", text) == expected
