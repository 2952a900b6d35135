"""The tables of the package managers of languages."""

import pytest

from dfadvise.knowledge.language_managers import (
    LANGUAGE_MANAGERS,
    cache_off_by_env,
    frozen_by_env,
    holds_to_lock,
    language_manager,
    language_use,
    leaves_development_out,
    production_by_env,
    reads_sources,
)
from dfadvise.knowledge.language_managers import (
    packages as operands_of,
)
from dfadvise.knowledge.pins import pinned
from dfadvise.knowledge.support import Support, supports

BY_NAME = {manager.name: manager for manager in LANGUAGE_MANAGERS}


def support_end(name: str, tag: str | None) -> Support | None:
    """The first support to end below an image; None when none is known to end."""
    found = [each for each in supports(name, tag) if each.end is not None]
    return min(found, key=lambda each: each.end or "") if found else None


@pytest.mark.parametrize(
    ("command", "use"),
    [
        ("pip install -r requirements.txt", "pip install: install"),
        ("pip3.12 install flask", "pip install: install"),
        ("python3 -m pip install flask", "pip install: install"),
        ("python -u -W ignore -m pip --no-cache-dir install flask", "pip install: install"),
        ("/opt/venv/bin/python -mpip install x", "pip install: install"),
        ("/opt/venv/bin/pip wheel .", "pip wheel: download"),
        ("pipx install poetry", "pipx install: install"),
        ("uv sync --locked", "uv sync: install"),
        ("uv pip install --system -r r.txt", "uv pip install: install"),
        ("uv --directory x tool install ruff", "uv tool install: install"),
        ("uvx ruff", "uv tool run: install"),
        ("poetry -C app install --no-root", "poetry install: install"),
        ("python -m poetry install", "poetry install: install"),
        ("pipenv sync", "pipenv sync: install"),
        ("conda install -y -c conda-forge numpy", "conda install: install"),
        ("conda env create -f environment.yml", "conda env create: install"),
        ("micromamba install -y -f x.yml", "conda install: install"),
        ("conda run -n app pip install x", "pip install: install"),
        ("poetry run pip install x", "pip install: install"),
        ("npm ci", "npm ci: install"),
        ("npm --prefix app i", "npm i: install"),
        ("npm cache clean --force", "npm cache: clean"),
        ("yarn", "yarn install: install"),
        ("yarn --frozen-lockfile", "yarn install: install"),
        ("yarn global add x", "yarn global add: install"),
        ("yarn workspace web add x", "yarn add: install"),
        ("yarn install --immutable", "yarn-berry install: install"),
        ("yarn workspaces focus --production", "yarn-berry workspaces focus: install"),
        ("pnpm -r --filter web install", "pnpm install: install"),
        ("pnpm fetch", "pnpm fetch: download"),
        ("corepack pnpm i", "pnpm i: install"),
        ("bun install", "bun install: install"),
        ("bundle", "bundler install: install"),
        ("bundle install --jobs 4", "bundler install: install"),
        ("bundle _2.1.4_ install", "bundler install: install"),
        ("bundle exec gem install x", "gem install: install"),
        ("gem install bundler -v 2.4", "gem install: install"),
        ("composer install --no-dev", "composer install: install"),
        ("php -d memory_limit=-1 /usr/bin/composer.phar update", "composer update: install"),
        ("go mod download", "go mod download: download"),
        ("go build -o /app ./...", "go build: compile"),
        ("go install example.com/x@v1", "go install: compile"),
        ("cargo +nightly build --release", "cargo build: compile"),
        ("cargo chef cook --recipe-path recipe.json", "cargo chef cook: compile"),
        ("cargo fetch", "cargo fetch: download"),
        ("mvn -B dependency:go-offline", "maven dependency:go-offline: download"),
        ("mvn -f app/pom.xml clean package -DskipTests", "maven package: compile"),
        ("./mvnw -pl web package", "maven package: compile"),
        ("./gradlew build -x test", "gradle build: compile"),
        ("./gradlew --version", "gradle help: download"),
        ("gradle :app:bootJar --no-daemon", "gradle bootJar: compile"),
        ("gradle dependencies", "gradle dependencies: download"),
        ("dotnet restore", "nuget restore: download"),
        ("dotnet publish -c Release -o out", "nuget publish: compile"),
        ("dotnet add app.csproj package X", "nuget add package: download"),
        ("dotnet tool install -g x", "nuget tool install: download"),
    ],
)
def test_language_use(command: str, use: str) -> None:
    assert repr(language_use(command.split())) == f"Use({use})"


@pytest.mark.parametrize(
    "command",
    [
        "",
        "pip --version",
        "pip",
        "pip list",
        "pip-compile requirements.in",
        "pip-audit install",
        "python app.py",
        "python -m http.server",
        "python -c pip install",
        "python setup.py install",
        "php artisan install",
        "npm run build",
        "npm --version",
        "npm config set x y",
        "yarn build",
        "yarn --version",
        "yarn -v",
        "yarn \0",
        "pnpm --filter web build",
        "bundle exec rake",
        "bundle --version",
        "bundle config set path x",
        "poetry run pytest",
        "poetry config x y",
        "uv run --no-sync app",
        "conda run -n app python x.py",
        "conda activate x",
        "corepack enable",
        "go version",
        "go env -w X=y",
        "cargo --version",
        "mvn -v",
        "mvn \0",
        "gradle",
        "gradle --version",
        "dotnet app.dll",
        "dotnet --info",
        "cat npm install",
    ],
)
def test_language_use_is_silent(command: str) -> None:
    assert language_use(command.split(" ") if command else []) is None


def test_berry_is_known_from_outside_too() -> None:
    use = language_use(["yarn"], berry=True)
    assert use is not None
    assert use.manager.name == "yarn-berry"


def test_positions_count_in_the_whole_command() -> None:
    words = "python3 -m pip install -r x.txt flask".split()
    use = language_use(words)
    assert use is not None
    assert words[use.at] == "install"
    assert [words[at] for at in operands_of(use, words)] == ["flask"]
    bare = language_use(["yarn", "--frozen-lockfile"])
    assert bare is not None
    assert bare.at == 2  # no verb written


@pytest.mark.parametrize("program", ["pip", "pip3", "pip3.11", "pip-3.6"])
def test_pip_under_its_names(program: str) -> None:
    manager = language_manager(program)
    assert manager is not None
    assert manager.name == "pip"


@pytest.mark.parametrize("program", ["pipes", "pip-tools", "pipdeptree", "node", ""])
def test_no_pip(program: str) -> None:
    assert language_manager(program) is None


@pytest.mark.parametrize(
    ("command", "needs"),
    [
        ("pip install .", True),
        ("pip install -e .[dev]", True),
        ("pip install -e.", True),
        ("pip install --editable=./lib", True),
        ("pip install ./dist/app.whl", True),
        ("pip install -r requirements.txt", False),
        ("pip install -t ./lib flask", False),
        ("pip install git+https://example.com/x", False),
        ("uv sync", True),
        ("uv sync --no-install-project", False),
        ("uv pip install -r r.txt", False),
        ("uv pip install .", True),
        ("poetry install", True),
        ("poetry install --no-root", False),
        ("poetry lock", False),
        ("pipenv install", False),
        ("conda env create -f e.yml", False),
        ("npm ci", False),
        ("npm install ./lib", True),
        ("npm install lodash", False),
        ("bundle install", False),
        ("gem install ./x.gem", True),
        ("composer install", True),
        ("composer install --no-scripts --no-autoloader", False),
        ("composer global require x/y", False),
        ("go mod download", False),
        ("go mod tidy", True),
        ("go build ./...", True),
        ("go install example.com/x@v1", False),
        ("go install ./cmd/x", True),
        ("cargo build", True),
        ("cargo fetch", False),
        ("cargo chef cook", False),
        ("cargo install ripgrep", False),
        ("cargo install --path .", True),
        ("mvn dependency:go-offline", False),
        ("mvn package", True),
        ("gradle dependencies", False),
        ("gradle build", True),
        ("dotnet restore", False),
        ("dotnet publish", True),
    ],
)
def test_reads_sources(command: str, needs: bool) -> None:
    words = command.split()
    use = language_use(words)
    assert use is not None
    assert reads_sources(use, words) is needs


@pytest.mark.parametrize(
    ("command", "held"),
    [
        ("npm ci", True),
        ("npm install", False),
        ("yarn install --frozen-lockfile", True),
        ("yarn install", False),
        ("pnpm i --frozen-lockfile", True),
        ("bun install", False),
        ("uv sync --locked", True),
        ("uv sync", False),
        ("poetry install", True),
        ("poetry update", False),
        ("pipenv install --deploy", True),
        ("pipenv sync", True),
        ("pipenv install", False),
        ("composer install", True),
        ("composer update", False),
        ("cargo build --locked", True),
        ("cargo build", False),
        ("dotnet restore --locked-mode", True),
    ],
)
def test_holds_to_lock(command: str, held: bool) -> None:
    words = command.split()
    use = language_use(words)
    assert use is not None
    assert holds_to_lock(use, words) is held


@pytest.mark.parametrize(
    ("command", "out"),
    [
        ("npm ci --omit=dev", True),
        ("npm ci --omit dev", True),
        ("npm ci --omit=optional", False),
        ("npm i --only=production", True),
        ("npm ci", False),
        ("yarn --production", True),
        ("yarn --production=false", False),
        ("pnpm i -P", True),
        ("pnpm i --prod", True),
        ("poetry install --only main", True),
        ("poetry install --without dev,test", True),
        ("poetry install --with dev", False),
        ("uv sync --no-dev", True),
        ("pipenv install", True),
        ("pipenv install --dev", False),
        ("composer install --no-dev", True),
        ("bundle install --without development test", True),
        ("bundle install", False),
    ],
)
def test_leaves_development_out(command: str, out: bool) -> None:
    words = command.split()
    use = language_use(words)
    assert use is not None
    assert leaves_development_out(use, words) is out


@pytest.mark.parametrize(
    ("manager", "name", "value", "says"),
    [
        ("npm", "NODE_ENV", "production", True),
        ("npm", "NODE_ENV", "development", False),
        ("bundler", "BUNDLE_WITHOUT", "development:test", True),
        ("bundler", "BUNDLE_WITHOUT", "", False),
        ("uv", "UV_NO_DEV", "1", True),
        ("uv", "UV_NO_DEV", "0", False),
        ("composer", "COMPOSER_NO_DEV", "1", True),
        ("pip", "NODE_ENV", "production", False),
    ],
)
def test_production_by_env(manager: str, name: str, value: str, says: bool) -> None:
    row = BY_NAME.get(manager)
    assert row is not None
    assert production_by_env(row, name, value) is says


@pytest.mark.parametrize(
    ("value", "off"),
    [("1", True), ("true", True), ("yes", True), ("on", True), ("off", False), ("0", False), ("False", False)],
)
def test_pip_cache_by_env(value: str, off: bool) -> None:
    pip = BY_NAME.get("pip")
    assert pip is not None
    assert cache_off_by_env(pip, "PIP_NO_CACHE_DIR", value) is off
    assert not cache_off_by_env(pip, "UV_NO_CACHE", value)


def test_frozen_by_env() -> None:
    bundler = BY_NAME.get("bundler")
    assert bundler is not None
    assert frozen_by_env(bundler, "BUNDLE_DEPLOYMENT", "true")
    assert not frozen_by_env(bundler, "BUNDLE_DEPLOYMENT", "false")


def test_which_caches_are_linked_or_are_the_store() -> None:
    assert {manager.name for manager in LANGUAGE_MANAGERS if manager.linked} == {"uv", "pnpm", "bun"}
    assert {manager.name for manager in LANGUAGE_MANAGERS if manager.store} == {
        "go",
        "cargo",
        "maven",
        "gradle",
        "nuget",
        "yarn-berry",
    }


@pytest.mark.parametrize(
    ("manager", "word", "has_version"),
    [
        ("apt", "curl", False),
        ("apt", "curl=7.88*", True),
        ("apt", "curl/bookworm", True),
        ("apt", "./x.deb", True),
        ("apk", "curl", False),
        ("apk", "curl~=8", True),
        ("apk", "curl>8", True),
        ("apk", "x.apk", True),
        ("apk", "!pyc", True),
        ("dnf", "httpd", False),
        ("dnf", "gcc-c++", False),
        ("dnf", "python3-pip", False),
        ("dnf", "xorg-x11-server", False),
        ("dnf", "httpd-2.4.6", True),
        ("yum", "httpd-2.4.6-97.el7.x86_64", True),
        ("yum", "https://x/y.rpm", True),
        ("dnf", "nodejs:20", True),
        ("dnf", "@development", True),
        ("zypper", "curl", False),
        ("zypper", "curl>=8", True),
        ("pip", "flask", False),
        ("pip", "flask==3", True),
        ("pip", "flask>=3", True),
        ("pip", "flask[async]", False),
        ("pip", ".", True),
        ("pip", "git+https://github.com/a/b", False),
        ("pip", "git+https://github.com/a/b@v1", True),
        ("pip", "git+ssh://git@github.com/a/b", False),
        ("pip", "x.whl", True),
        ("npm", "lodash", False),
        ("npm", "lodash@4", True),
        ("npm", "@types/node", False),
        ("npm", "@types/node@22", True),
        ("npm", "github:a/b", False),
        ("npm", "github:a/b#v1", True),
        ("npm", "./lib", True),
        ("npm", "x.tgz", True),
        ("gem", "rails", False),
        ("gem", "rails:7.1", True),
        ("go", "example.com/x", False),
        ("go", "example.com/x@latest", False),
        ("go", "example.com/x@v1.2.3", True),
        ("go", "./cmd/x", True),
        ("conda", "numpy", False),
        ("conda", "numpy=2", True),
        ("composer", "monolog/monolog", False),
        ("composer", "monolog/monolog:^3", True),
        ("pacman", "git", True),  # no form is known
        ("apt", "", True),
    ],
)
def test_pinned(manager: str, word: str, has_version: bool) -> None:
    assert pinned(manager, word) is has_version
