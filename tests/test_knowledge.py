"""The tables of facts and their look-ups: what is known, and that nothing is said of what is not."""

import re
import subprocess
import sys

import pytest

from dfadvise.knowledge import ecosystems, frontend, lists, packages, secret_names
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
from dfadvise.knowledge.base_programs import lacks, provided_packages, provides
from dfadvise.knowledge.base_users import drops_root, entrypoint_interpreter, has_no_shell, not_root, users
from dfadvise.knowledge.hosts import dead_host, redirects, split_url, vulnerable
from dfadvise.knowledge.language_managers import (
    LANGUAGE_MANAGERS,
    cache_off_by_env,
    frozen_by_env,
    holds_to_lock,
    language_install,
    language_manager,
    language_use,
    leaves_development_out,
    manager_named,
    production_by_env,
    reads_sources,
)
from dfadvise.knowledge.language_managers import (
    packages as operands_of,
)
from dfadvise.knowledge.official import OFFICIAL
from dfadvise.knowledge.options import config_value, first_operand, operands, option_at
from dfadvise.knowledge.package_managers import (
    APT,
    DNF,
    SYSTEM_MANAGERS,
    emptied,
    system_install,
    system_manager,
    system_use,
)
from dfadvise.knowledge.pins import pinned
from dfadvise.knowledge.secret_files import secret_file
from dfadvise.knowledge.support import retired, support_end, supports
from dfadvise.knowledge.tags import suite, version

ALL_MANAGERS = (*SYSTEM_MANAGERS, *LANGUAGE_MANAGERS)


# Options


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("apt-get install -t sid curl", ["install", "curl"]),
        ("apt-get install -yt sid curl", ["install", "curl"]),
        ("apt-get install -tsid curl", ["install", "curl"]),
        ("apt-get install --target-release=sid curl", ["install", "curl"]),
        ("apt-get -o A=b install -- -odd", ["install", "-odd"]),
        ("apt-get install -t", ["install"]),
        ("apt-get", []),
    ],
)
def test_operands_leave_option_values_out(command: str, found: list[str]) -> None:
    words = command.split()
    assert [words[at] for at in operands(words, 1, APT.before)] == found
    first = first_operand(words, 1, APT.before)
    assert (words[first] if first >= 0 else None) == (found[0] if found else None)


@pytest.mark.parametrize(
    ("command", "names", "at"),
    [
        ("npm ci --omit dev", ("--omit=dev",), 2),
        ("npm ci --omit=dev", ("--omit=dev",), 2),
        ("npm ci --omit=optional", ("--omit=dev",), -1),
        ("apt-get -qqy install x", ("-y",), 1),
        ("apt-get install -t y x", ("-y",), -1),  # y is a release here
        ("apt-get install -o y=-y x", ("-y",), -1),
        ("yarn --production=false", ("--production",), -1),
        ("yarn --production=true", ("--production",), 1),
        ("npm i -- --production", ("--production",), -1),
        ("npm i", (), -1),
    ],
)
def test_option_at(command: str, names: tuple[str, ...], at: int) -> None:
    values = APT.before if command.startswith("apt") else frozenset({"--omit"})
    assert option_at(command.split(), names, values) == at


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('APT::Install-Recommends "false";', "false"),
        ("APT::Install-Recommends=0", "0"),
        ("apt::install-recommends=true\nAPT::Install-Recommends=false", "false"),
        ("APT::Install-Recommends", None),
        ("APT::Install-Recommends-Important=1", None),
        ("", None),
    ],
)
def test_config_value_reads_words_and_files(text: str, value: str | None) -> None:
    assert config_value(text, "apt::install-recommends") == value


# System package managers


@pytest.mark.parametrize(
    ("command", "effect"),
    [
        ("apt-get update", "apt refresh"),
        ("apt-get -qq -o Acquire::Retries=3 install -y curl", "apt install"),
        ("/usr/bin/apt-get install -y curl", "apt install"),
        ("apt install -t bookworm-backports git", "apt install"),
        ("aptitude -y safe-upgrade", "apt upgrade"),
        ("apt-get upgrade curl", "apt upgrade"),
        ("apt-get dist-upgrade", "apt release-upgrade"),
        ("apt-get purge -y --auto-remove gcc", "apt remove"),
        ("apk add --no-cache -t .build gcc", "apk install"),
        ("apk --no-cache --virtual .build add gcc", "apk install"),
        ("apk -X https://x/main add gcc", "apk install"),
        ("apk upgrade", "apk upgrade"),
        ("apk upgrade musl", "apk install"),
        ("apk del .build", "apk remove"),
        ("dnf -y --enablerepo epel install x", "dnf install"),
        ("dnf group install -y tools", "dnf install"),
        ("dnf module enable nodejs:20", "dnf install"),
        ("microdnf install -y x", "dnf install"),
        ("tdnf install -y x", "dnf install"),
        ("yum update -y", "yum upgrade"),
        ("yum update -y bash", "yum install"),
        ("yum makecache", "yum refresh"),
        ("zypper -n in curl", "zypper install"),
        ("zypper -D /etc/repos ref", "zypper refresh"),
        ("zypper in -D curl", "zypper install"),
        ("zypper dup", "zypper release-upgrade"),
        ("pacman -Sy --noconfirm git", "pacman install"),
        ("pacman --noconfirm -Syu", "pacman upgrade"),
        ("pacman -Syy", "pacman refresh"),
        ("pacman --sync --refresh git", "pacman install"),
        ("pacman -Rns git", "pacman remove"),
        ("pacman -U ./x.pkg.tar.zst", "pacman install"),
        ("pacman -Scc", "pacman clean"),
    ],
)
def test_system_use(command: str, effect: str) -> None:
    use = system_use(command.split())
    assert use is not None
    assert f"{use.manager.name} {use.effect}" == effect


@pytest.mark.parametrize(
    "command",
    [
        "apt-cache search install",
        "apt-get",
        "apt-get -y",
        "apt list --installed",
        "apt-mark hold x",
        "apk info",
        "apk",
        "dnf module list",
        "dnf list install",
        "dnf config-manager --enable x",
        "rpm -i x.rpm",
        "zypper search x",
        "pacman -Ss git",
        "pacman -Qi git",
        "pacman",
        "echo apt-get install",
        "apt-get \0",
        "",
    ],
)
def test_system_use_is_silent(command: str) -> None:
    assert system_use(command.split(" ") if command else []) is None
    assert system_install(command.split()) is None


def test_system_install_names_manager_and_verb() -> None:
    assert system_install("apt-get -y install x".split()) == (APT, "install")
    assert system_install("dnf group install x".split()) == (DNF, "group install")
    assert system_install("apt-get update".split()) is None
    assert system_manager("dnf5") is DNF
    assert system_manager("pip") is None


def test_verb_position() -> None:
    use = system_use("apt-get -o A=b install -y curl".split())
    assert use is not None
    assert (use.at, use.start) == (3, 4)


@pytest.mark.parametrize(
    ("command", "answered"),
    [
        ("apt-get install -y x", True),
        ("apt-get install --assume-yes x", True),
        ("apt-get install -qq x", True),
        ("apt-get -q -q install x", True),
        ("apt-get -q=2 install x", True),
        ("apt-get --quiet --quiet install x", True),
        ("apt-get -o APT::Get::Assume-Yes=true install x", True),
        ("apt-get -o APT::Get::Assume-Yes=false install x", False),
        ("apt-get -q install x", False),
        ("apt-get -q=1 install x", False),
        ("apt-get install yes", False),
        ("apt-get install --no-install-recommends x", False),
        ("apk add x", True),
        ("dnf install -y x", True),
        ("dnf install --setopt=assumeyes=1 x", True),
        ("dnf install --setopt=assumeyes=0 x", False),
        ("yum install x", False),
        ("zypper --non-interactive install x", True),
        ("zypper install -y x", True),
        ("zypper install x", False),
        ("pacman -S --noconfirm x", True),
        ("pacman -S x", False),
    ],
)
def test_answers_yes(command: str, answered: bool) -> None:
    words = command.split()
    manager = system_manager(words[0])
    assert manager is not None
    assert manager.answers_yes(words) is answered


@pytest.mark.parametrize(
    ("command", "left_out"),
    [
        ("apt-get install --no-install-recommends x", True),
        ("apt-get install -o APT::Install-Recommends=false x", True),
        ('apt-get install -o APT::Install-Recommends="0" x', True),
        ("apt-get install -o APT::Install-Recommends=true x", False),
        ("apt-get install x", False),
        ("dnf install --setopt=install_weak_deps=False x", True),
        ("dnf --setopt install_weak_deps=0 install x", True),
        ("dnf install --setopt=install_weak_deps=True x", False),
        ("zypper in --no-recommends x", True),
        ("zypper in x", False),
    ],
)
def test_leaves_extras_out(command: str, left_out: bool) -> None:
    words = command.split()
    manager = system_manager(words[0])
    assert manager is not None
    assert manager.leaves_extras_out(words) is left_out


@pytest.mark.parametrize(
    ("command", "manager", "kinds"),
    [
        ("apt-get clean", "apt", ("archives",)),
        ("apt-get dist-clean", "apt", ("lists", "archives")),
        ("apt-get autoclean", "apt", ()),
        ("dnf clean all", "dnf", ("cache",)),
        ("dnf -y clean all", "dnf", ("cache",)),
        ("dnf clean metadata", "dnf", ()),
        ("dnf clean all", "yum", ("cache",)),  # yum is dnf from EL 8 on
        ("yum clean all", "zypper", ()),
        ("zypper cc -a", "zypper", ("cache",)),
        ("npm cache clean --force", "npm", ("cache",)),
        ("npm cache clean", "npm", ()),  # does nothing without --force
        ("npm cache clean --force", "pnpm", ()),
        ("conda clean -afy", "conda", ("cache",)),
        ("conda clean --all -y", "conda", ("cache",)),
        ("conda clean -ty", "conda", ()),
        ("mamba clean -a", "conda", ("cache",)),
        ("pip cache purge", "pip", ("cache",)),
        ("pip cache list", "pip", ()),
        ("yarn cache clean", "yarn", ("cache",)),
        ("pnpm store prune", "pnpm", ("cache",)),
        ("uv cache clean", "uv", ("cache",)),
        ("composer clear-cache", "composer", ("cache",)),
        ("go clean -modcache -cache", "go", ("cache",)),
        ("go clean -testcache", "go", ()),
        ("apk del gcc", "apk", ()),
    ],
)
def test_emptied(command: str, manager: str, kinds: tuple[str, ...]) -> None:
    row = next(row for row in ALL_MANAGERS if row.name == manager)
    assert emptied(command.split(), row) == kinds


def test_pacman_clean_up_needs_a_piped_answer() -> None:
    pacman = system_manager("pacman")
    assert pacman is not None
    assert [cleanup.piped for cleanup in pacman.cleanups] == [True]


# All managers


@pytest.mark.parametrize("manager", ALL_MANAGERS, ids=lambda manager: manager.name)
def test_manager_rows_hold_together(manager) -> None:  # type: ignore[no-untyped-def]
    assert manager.sharing == ("locked" if manager.system else manager.sharing)
    assert manager.rank in (1, 2, 3)
    assert manager.default_verb == "" or manager.default_verb in manager.verbs
    assert set(manager.frozen_verbs) <= set(manager.verbs)
    assert set(manager.quiet_verbs) <= set(manager.verbs)
    assert set(manager.locks) <= set(manager.manifests)
    effects = {"install", "upgrade", "release-upgrade", "refresh", "remove", "download", "compile", "clean"}
    assert set(manager.verbs.values()) <= effects
    assert all(option.startswith("-") for option in manager.before | manager.after)
    for leftover in manager.leftovers:
        assert leftover.paths
        assert (leftover.date is None) == (leftover.low is None and leftover.share is None)
    if manager.leftovers:
        assert manager.cleanup
        assert manager.mounts
    for codes in manager.aliases.values():
        assert all(re.fullmatch(r"DL\d{4}|DS-\d{4}|DKL-DI-\d{4}|(kics|semgrep|tally|slim):\S+", code) for code in codes)


def test_sizes_are_only_those_that_were_measured() -> None:
    sized = {
        (manager.name, leftover.kind)
        for manager in ALL_MANAGERS
        for leftover in manager.leftovers
        if leftover.low is not None
    }
    shared = {manager.name for manager in ALL_MANAGERS for leftover in manager.leftovers if leftover.share}
    assert sized == {("apt", "lists")}
    assert shared == {"pip", "npm"}


def test_locked_caches() -> None:
    locked = {manager.name for manager in ALL_MANAGERS if manager.sharing == "locked"}
    assert locked == {"apt", "apk", "dnf", "yum", "zypper", "pacman", "conda", "gradle", "yarn"}


@pytest.mark.parametrize(
    ("manager", "rule", "variants", "codes"),
    [
        ("apt", "package-cache-left", (), "DL3009 kics:df746b39 semgrep:remove-package-lists DKL-DI-0005"),
        ("apt", "package-cache-left", ("archives",), "semgrep:remove-package-cache"),
        ("apt", "system-upgrade", ("dist-upgrade",), "DS-0024 semgrep:avoid-apt-get-upgrade DKL-DI-0003"),
        ("apt", "system-upgrade", ("upgrade",), "semgrep:avoid-apt-get-upgrade DKL-DI-0003"),
        ("dnf", "package-cache-left", ("dnf",), "DL3040 DS-0019 kics:295acb63 semgrep:missing-dnf-clean-all"),
        ("dnf", "package-cache-left", ("microdnf",), "DL3040 DS-0027 kics:295acb63 semgrep:missing-dnf-clean-all"),
        ("yum", "interactive-command", (), "DL3030 kics:6e19193a semgrep:missing-yum-assume-yes-switch"),
        ("zypper", "system-upgrade", ("dup",), "DL3035"),
        ("yarn", "unpinned-package", ("add",), "DL3016 kics:e36d8880"),
        ("yarn", "unpinned-package", ("install",), ""),
        ("apk", "recommended-packages", (), ""),
        ("pip", "package-cache-left", (), "DL3042 kics:f2f903fb semgrep:missing-pip-no-cache-dir"),
    ],
)
def test_codes(manager: str, rule: str, variants: tuple[str, ...], codes: str) -> None:
    row = next(row for row in ALL_MANAGERS if row.name == manager)
    assert row.codes(rule, *variants) == tuple(codes.split())


# Language package managers


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
    assert language_install(command.split()) is None


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


def test_language_install() -> None:
    found = language_install(["npm", "ci"])
    assert found is not None
    assert (found[0].name, found[1]) == ("npm", "ci")
    assert language_install("pip uninstall -y x".split()) is None
    assert language_install("npm cache clean --force".split()) is None


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
    row = manager_named(manager)
    assert row is not None
    assert production_by_env(row, name, value) is says


@pytest.mark.parametrize(
    ("value", "off"),
    [("1", True), ("true", True), ("yes", True), ("on", True), ("off", False), ("0", False), ("False", False)],
)
def test_pip_cache_by_env(value: str, off: bool) -> None:
    pip = manager_named("pip")
    assert pip is not None
    assert cache_off_by_env(pip, "PIP_NO_CACHE_DIR", value) is off
    assert not cache_off_by_env(pip, "UV_NO_CACHE", value)


def test_frozen_by_env() -> None:
    bundler = manager_named("bundler")
    assert bundler is not None
    assert frozen_by_env(bundler, "BUNDLE_DEPLOYMENT", "true")
    assert not frozen_by_env(bundler, "BUNDLE_DEPLOYMENT", "false")
    assert manager_named("ant") is None


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


# Shells, users, programs


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
        "redhat/ubi9:9",
        "registry.example.com/debian:12",
    ],
)
def test_nothing_is_known_to_be_missing(image: str) -> None:
    name, _, tag = image.rpartition(":")
    assert lacks(name, tag) == frozenset()


def test_provides() -> None:
    assert {"curl", "gcc", "git", "python3"} <= provides("python", "3.12")
    assert "curl" not in provides("python", "3.12-slim")
    assert "pip" in provides("python", "3.12-slim")
    assert "python3" not in provides("python", "2.7")
    assert "gcc" not in provides("node", "22-alpine")
    assert "javac" in provides("eclipse-temurin", "21-jdk")
    assert "javac" not in provides("eclipse-temurin", "21-jre")
    assert provides("registry.example.com/python", "3.12") == frozenset()
    for name, tag in (("python", "3.12-slim"), ("node", "22-slim"), ("python", "3.12-alpine")):
        assert provides(name, tag).isdisjoint(lacks(name, tag))


def test_provided_packages() -> None:
    assert {"python3", "libpq-dev", "curl"} <= provided_packages("python", "3.12")
    assert "curl" not in provided_packages("python", "3.12-slim")
    assert "openjdk-21-jdk" in provided_packages("eclipse-temurin", "21-jdk")
    assert "openjdk-21-jdk" not in provided_packages("eclipse-temurin", "21-jre")
    assert "openjdk-17-jdk" not in provided_packages("eclipse-temurin", "21-jdk")
    assert provided_packages("debian", "12") == frozenset()


# Support

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


# Ecosystems


def test_every_row_of_ecosystems_is_complete() -> None:
    assert [row.name for row in ecosystems.ECOSYSTEMS] == [
        "node",
        "node static",
        "python",
        "go",
        "rust",
        "java",
        "dotnet",
        "php",
        "ruby",
        "c",
    ]
    for row in ecosystems.ECOSYSTEMS:
        assert row.build
        assert row.copies
        assert row.run_image or row.display
        assert not any("skipTests" in command for command in row.build)
        assert ecosystems.ecosystem(row.name) is row
    shown = {row.name for row in ecosystems.ECOSYSTEMS if row.display}
    assert shown == {"node static", "ruby", "c"}


def test_ecosystem_of() -> None:
    go = ecosystems.ecosystem_of("golang")
    assert go is not None
    assert go.toolchain
    assert go.run_image == "gcr.io/distroless/static-debian13:nonroot"
    python = ecosystems.ecosystem_of("python")
    assert python is not None
    assert not python.toolchain
    assert ecosystems.ecosystem_of("registry.example.com/golang") is None
    assert ecosystems.ecosystem("cobol") is None


# Lists


@pytest.mark.parametrize(
    ("manager", "word", "tool"),
    [
        ("apt", "build-essential", True),
        ("apt", "gcc-12", True),
        ("apt", "gcc-12-base", False),
        ("apt", "g++", True),
        ("apt", "libssl-dev=3.0.*", True),
        ("apt", "libssl3", False),
        ("apt", "openjdk-17-jdk-headless", True),
        ("apt", "openjdk-17-jre-headless", False),
        ("apt", "makedev", False),
        ("apk", "build-base", True),
        ("apk", "libffi-dev~=3", True),
        ("apk", "$PHPIZE_DEPS", True),
        ("apk", "openjdk17-jdk", True),
        ("apk", "openjdk17-jre", False),
        ("apk", "libgcc", False),
        ("dnf", "gcc-c++", True),
        ("dnf", "openssl-devel-3.0.7", True),
        ("yum", "Development Tools", True),
        ("dnf", "java-17-openjdk-devel", True),
        ("dnf", "java-17-openjdk", False),
        ("npm", "gcc", False),
    ],
)
def test_build_tools(manager: str, word: str, tool: bool) -> None:
    assert lists.is_build_tool(manager, word) is tool


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("vim", "person"),
        ("htop=3.2*", "person"),
        ("linux-image-amd64", "host"),
        ("nvidia-driver-535", "host"),
        ("vim-tiny-data", None),
        ("curl", None),
        ("sudoku", None),
    ],
)
def test_needless(word: str, why: str | None) -> None:
    assert lists.needless(word) == why


def test_closed_packages() -> None:
    assert lists.is_closed("tzdata")
    assert lists.is_closed("fonts-noto")
    assert lists.is_closed("libjpeg62-turbo")
    assert not lists.is_closed("curl")
    assert not lists.is_closed("python3")


def test_no_musl_build() -> None:
    assert lists.lacks_musl_build("pip", "torch==2.4")
    assert lists.lacks_musl_build("npm", "playwright@1")
    assert not lists.lacks_musl_build("pip", "torchmetrics")
    assert not lists.lacks_musl_build("npm", "torch")
    assert not lists.lacks_musl_build("pip", "numpy")


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        ("*.log", "a.log", True),
        ("*.log", ".log", True),
        ("gcc*", "gcc", True),
        ("openjdk-*-jdk*", "openjdk-17-jdk", True),
        ("openjdk-*-jdk*", "openjdk-jdk", False),
        ("a*a", "a", False),
        ("a*b*c", "axbxc", True),
        ("a*b*c", "acb", False),
        ("*", "", True),
        ("", "", True),
        ("x", "y", False),
    ],
)
def test_matches(pattern: str, text: str, matched: bool) -> None:
    assert packages.matches(pattern, text) is matched


@pytest.mark.parametrize(
    ("name", "has_default", "changes"),
    [
        ("GIT_COMMIT", False, True),
        ("BUILD_DATE", True, True),
        ("git_sha", False, True),
        ("CI_PIPELINE_ID", False, True),
        ("GITHUB_SHA", False, True),
        ("VCS_REF", False, True),
        ("VERSION", False, True),
        ("VERSION", True, False),
        ("APP_VERSION", True, False),
        ("GIT_SSL_NO_VERIFY", True, False),
        ("GIT_TERMINAL_PROMPT", True, False),
        ("PYTHON_VERSION", False, False),
        ("DEBIAN_RELEASE", False, False),
        ("BUILD_TYPE", False, False),
        ("UPDATE", False, False),
    ],
)
def test_volatile(name: str, has_default: bool, changes: bool) -> None:
    assert lists.volatile(name, has_default) is changes


def test_deliberate_and_base_names() -> None:
    assert lists.deliberate("CACHEBUST")
    assert lists.deliberate("bust_cache")
    assert not lists.deliberate("ROBUST_MODE")
    assert lists.base_env("JAVA_HOME")
    assert lists.base_env("PHP_INI_DIR")
    assert not lists.base_env("PHPRC")
    assert not lists.base_env("MY_VAR")


@pytest.mark.parametrize(
    ("command", "is_pointless"),
    [
        ("/usr/bin/top", True),
        ("vim x", True),
        ("docker ps", True),
        ("docker build", False),
        ("systemctl status x", True),
        ("systemctl enable x", False),
        ("echo top", False),
        ("apt-get install vim", False),
        ("", False),
    ],
)
def test_pointless(command: str, is_pointless: bool) -> None:
    assert lists.pointless(command.split()) is is_pointless


def test_pointless_gpu_query() -> None:
    assert lists.pointless(["python3", "-c", "import torch; print(torch.cuda.is_available())"])
    assert not lists.pointless(["python3", "-c", "print(1)"])


@pytest.mark.parametrize(
    ("command", "what", "word"),
    [
        ("apt-key add -", "apt-key", "apt-key"),
        ("go get github.com/a/b", "go get of programs", "get"),
        ("poetry install --no-dev", "poetry --no-dev", "--no-dev"),
        ("npm install --production", "npm --production", "--production"),
        ("npm ci --only=prod", "npm --production", "--only=prod"),
        ("bundle install --without test", "bundle install --without", "--without"),
        ("bundle install --jobs 4 --deployment", "bundle install --deployment", "--deployment"),
        ("python3 setup.py install", "setup.py install", "setup.py"),
        ("easy_install pip", "easy_install", "easy_install"),
        ("pip install --install-option=x y", "pip --install-option", "--install-option=x"),
        ("composer install --no-suggest", "composer --no-suggest", "--no-suggest"),
        ("dnf config-manager --add-repo https://x", "dnf config-manager --add-repo", "--add-repo"),
        ("corepack enable", "corepack", "corepack"),
    ],
)
def test_retired_commands(command: str, what: str, word: str) -> None:
    words = command.split()
    found = lists.retired_command(words)
    assert found is not None
    assert found[0].what == what
    assert words[found[1]] == word
    assert found[0].replacement


@pytest.mark.parametrize(
    "command",
    [
        "npm ci --omit=dev",
        "yarn install --production",
        "go get",
        "go install x@v1",
        "poetry install --only main",
        "bundle config set without test",
        "python setup.py build",
        "python app.py install",
        "pip install x",
        "echo apt-key",
        "",
    ],
)
def test_current_commands(command: str) -> None:
    assert lists.retired_command(command.split()) is None


def test_unverified_versions_say_so() -> None:
    assert not lists.COREPACK.verified
    assert lists.APT_KEY.verified


@pytest.mark.parametrize(
    ("url", "suites", "successor"),
    [
        ("ha.pool.sks-keyservers.net", (), "keys.openpgp.org or keyserver.ubuntu.com"),
        ("hkp://pool.sks-keyservers.net:80", (), "keys.openpgp.org or keyserver.ubuntu.com"),
        ("https://dl.bintray.com/x", (), None),
        ("https://apt.kubernetes.io/", (), "pkgs.k8s.io"),
        ("https://packages.cloud.google.com/apt", ("kubernetes-xenial", "main"), "pkgs.k8s.io"),
        ("http://mirrorlist.centos.org/?release=7", (), None),
        ("http://security.debian.org/debian-security", ("buster/updates", "main"), "Debian's archive"),
        ("http://ftp.de.debian.org/debian", ("stretch-backports", "main"), "Debian's archive"),
        ("git://github.com/a/b.git", (), "https://github.com"),
        ("http://repo1.maven.org/maven2", (), "https"),
        ("https://k8s.gcr.io/v2/x", (), "registry.k8s.io"),
    ],
)
def test_dead_hosts(url: str, suites: tuple[str, ...], successor: str | None) -> None:
    found = dead_host(url, suites)
    assert found is not None
    assert found.successor == successor


@pytest.mark.parametrize(
    ("url", "suites"),
    [
        ("keys.openpgp.org", ()),
        ("https://packages.cloud.google.com/apt", ("cloud-sdk", "main")),
        ("http://ftp.de.debian.org/debian", ("bookworm", "main")),
        ("http://archive.debian.org/debian", ("buster", "main")),
        ("https://snapshot.debian.org/archive/debian/20200101T000000Z", ("buster", "main")),
        ("https://github.com/a/b.git", ()),
        ("https://repo1.maven.org/maven2", ()),
        ("https://example.com/sks-keyservers.net", ()),
        ("https://notsks-keyservers.net", ()),
        ("", ()),
    ],
)
def test_living_hosts(url: str, suites: tuple[str, ...]) -> None:
    assert dead_host(url, suites) is None


def test_redirects() -> None:
    assert redirects("https://github.com/a/b/releases/download/v1/x.tar.gz")
    assert redirects("https://github.com/a/b/archive/v1.tar.gz")
    assert redirects("https://downloads.sourceforge.net/x")
    assert redirects("https://golang.org/dl/go1.tar.gz")
    assert not redirects("https://github.com/a/b/raw/main/x")
    assert not redirects("https://golang.org/doc")
    assert not redirects("https://notbit.ly/x")
    assert not redirects("https://example.com/github.com/a/b/releases/x")


def test_split_url() -> None:
    assert split_url("HTTPS://user:pw@Example.com:8443/a?b") == ("https", "example.com", "/a?b")
    assert split_url("example.com") == ("", "example.com", "")


@pytest.mark.parametrize(
    ("text", "cve"),
    [
        ("https://www.openssl.org/source/openssl-3.0.5.tar.gz", "CVE-2022-3602"),
        ("https://github.com/openssl/openssl/archive/refs/tags/openssl-3.0.0.tar.gz", "CVE-2022-3602"),
        ("openssl-1.0.1f.tar.gz", "CVE-2014-0160"),
        ("openssl-1.0.1.tar.gz", "CVE-2014-0160"),
        ("https://x/log4j-core/2.14.1/log4j-core-2.14.1.jar", "CVE-2021-44228"),
        ("https://x/releases/download/v5.6.1/xz-5.6.1.tar.gz", "CVE-2024-3094"),
        ("xz=5.6.0", "CVE-2024-3094"),
    ],
)
def test_vulnerable(text: str, cve: str) -> None:
    found = vulnerable(text)
    assert found is not None
    assert found.cve == cve


@pytest.mark.parametrize(
    "text",
    [
        "openssl-3.0.7.tar.gz",
        "openssl-3.1.0.tar.gz",
        "openssl-1.0.1g.tar.gz",
        "openssl=3.0.2-0ubuntu1.10",  # mended by the distribution
        "pyopenssl-3.0.1",
        "log4j-core-2.17.1.jar",
        "log4j-api-2.14.1.jar",
        "xz-5.4.6.tar.gz",
        "xz-utils",
        "openssl",
        "openssl-",
        "",
    ],
)
def test_not_vulnerable(text: str) -> None:
    assert vulnerable(text) is None


def test_junk() -> None:
    rows = {row.name: row for row in lists.JUNK}
    assert {".git", "node_modules", "__pycache__", "*.log", ".DS_Store"} <= set(rows)
    assert rows["target"].beside == ("Cargo.toml", "pom.xml")
    assert rows["vendor"].managers == ("composer", "bundler")
    assert rows["dist"].built
    assert not rows["*.log"].folder


# Frontend


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("docker/dockerfile:1.4", (1, 4)),
        ("docker/dockerfile:1.7-labs", (1, 7)),
        ("docker.io/docker/dockerfile:1.2.1", (1, 2)),
        ("docker/dockerfile:1.7.0@sha256:abc", (1, 7)),
        ("docker/dockerfile:1", frontend.NEWEST),
        ("docker/dockerfile", frontend.NEWEST),
        ("docker/dockerfile:labs", frontend.NEWEST),
        ("docker/dockerfile:1@sha256:abc", None),
        ("docker/dockerfile:experimental", None),
        ("docker/dockerfile-upstream:master", None),
        ("example.com/frontend:1", None),
        ("docker/dockerfile:", None),
        ("", None),
    ],
)
def test_frontend_version(reference: str, expected: tuple[int, int] | None) -> None:
    assert frontend.frontend_version(reference) == expected


def test_frontend_features() -> None:
    assert frontend.supported("heredoc", frontend.DEFAULT)
    assert not frontend.supported("ADD git", frontend.DEFAULT)
    assert not frontend.supported("RUN --device", frontend.NEWEST)
    assert frontend.supported("RUN --device", frontend.NEWEST, labs=True)
    assert frontend.is_labs("docker/dockerfile:1.7-labs")
    assert not frontend.is_labs("docker/dockerfile:1.7")


# Secrets


@pytest.mark.parametrize(
    ("path", "grade"),
    [
        ("id_rsa", "error"),
        (".ssh/id_ed25519", "error"),
        ("C:\\keys\\id_rsa", "error"),
        ("server.pem", "error"),
        ("privkey.pem", "error"),
        ("ca-key.pem", "error"),
        ("server.key", "error"),
        ("ca.key", "error"),
        ("app.p12", "error"),
        ("cert.pfx", "error"),
        ("app.jks", "error"),
        (".npmrc", "error"),
        ("web/.npmrc", "error"),
        (".pypirc", "error"),
        (".netrc", "error"),
        (".git-credentials", "error"),
        (".aws/credentials", "error"),
        (".docker/config.json", "error"),
        (".kube/config", "error"),
        (".config/gcloud/legacy_credentials", "error"),
        ("application_default_credentials.json", "error"),
        (".env", "warning"),
        (".env.production", "warning"),
        (".envrc", "warning"),
        ("kubeconfig", "warning"),
        ("terraform.tfstate", "warning"),
        ("service-account-prod.json", "warning"),
        (".aws/", "warning"),
        (".ssh", "warning"),
        (".m2/settings.xml", "warning"),
        ("run/secrets/token", "warning"),
        ("secrets/db.txt", "warning"),
        ("release.keystore", "warning"),
        ("private.asc", "warning"),
        ("nuget.config", "ask"),
        ("pip.conf", "ask"),
        (".git/", "ask"),
    ],
)
def test_secret_files(path: str, grade: str) -> None:
    found = secret_file(path)
    assert found is not None
    assert found[0] == grade


@pytest.mark.parametrize(
    "path",
    [
        "id_rsa.pub",
        ".ssh/id_rsa.pub",
        ".ssh/known_hosts",
        ".ssh/authorized_keys",
        "ca.pem",
        "rootCA.pem",
        "rds-combined-ca-bundle.pem",
        "cert.pem",
        "fullchain.pem",
        "public.pem",
        "public_key.pem",
        "isrgrootx1.pem",
        "ffdhe4096.pem",
        "tls.crt",
        "cosign.pub",
        "docker.gpg.key",
        "release.key",
        "public.key",
        "mongodb.asc",
        "truststore.jks",
        "debug.keystore",
        ".env.example",
        ".env.local.sample",
        ".env.template",
        ".env.dist",
        ".env.test",
        ".envoy.yaml",
        "environment.yml",
        "settings.py",
        "config/database.yml",
        "config.json",
        "src/secrets/manager.py",
        ".gitignore",
        ".github/workflows/ci.yml",
        "package.json",
        ".",
        "./",
        "/",
        "..",
        "",
        "keys",
        "monkey",
    ],
)
def test_no_secret_files(path: str) -> None:
    assert secret_file(path) is None


BUILDKIT_DENY = re.compile(
    r"(?i)(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)"
)
BUILDKIT_ALLOW = re.compile(r"(?i)(?:_|^)(?:public|file|version)(?:_|$)")


@pytest.mark.parametrize(
    "key",
    "API_KEY apikey git_key MYKEY API-KEY tokens passphrase pwd PUBLIC_KEY TOKEN_FILE TOKEN_VERSION _token_ key AUTH"
    " auth_token AUTHOR my_secret_public VERSION credential CREDENTIALS PWORD _ __ KEY_ _KEY a.key TOKENFILE"
    " PASSWORD_FILES public".split(),
)
def test_buildkit_secret_name_is_buildkits(key: str) -> None:
    expected = bool(BUILDKIT_DENY.search(key)) and not BUILDKIT_ALLOW.search(key)
    assert secret_names.buildkit_secret_name(key) is expected


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("AWS_ACCESS_KEY_ID", "exact"),
        ("OPENAI_API_KEY", "exact"),
        ("VITE_OPENAI_API_KEY", "exact"),
        ("SECRET_KEY_BASE", "exact"),
        ("MYSQL_PWD", "exact"),
        ("GITHUB_PAT", "exact"),
        ("COMPOSER_AUTH", "exact"),
        ("BUNDLE_GEMS__CONTRIBSYS__COM", "exact"),
        ("DB_PASS", "word"),
        ("apiKey", "word"),
        ("APIKEY", "word"),
        ("OAUTH2_TOKEN", "word"),
        ("OAUTH2Token", "word"),
        ("PASSWORD2", "word"),
        ("SSH_KEY", "word"),
        ("SENTRY_DSN", "word"),
        ("BASIC_AUTH", "word"),
        ("KEY", "key"),
        ("CACHE_KEY", "key"),
        ("TOKEN_FILE", None),
        ("TOKEN_TTL", None),
        ("SECRET_NAME", None),
        ("PASSWORD_FILE", None),
        ("TOKENIZERS_PARALLELISM", None),
        ("GOPRIVATE", None),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", None),
        ("USERNAME", None),
        ("PGPASSWORD", "exact"),
        ("REDISCLI_AUTH", "exact"),
        ("SSHPASS", "exact"),
        ("PGPASSFILE", None),
        ("PUBLIC_KEY", None),
        ("NEXT_PUBLIC_API_KEY", None),
        ("AUTHOR", None),
        ("AUTH_ENABLED", None),
        ("MONKEY", None),
        ("BYPASS", None),
        ("PWD", None),
        ("BUNDLE_BUILD__NOKOGIRI", None),
        ("BUNDLE_GITHUB__HTTPS", None),
        ("BUNDLE_WITHOUT", None),
        ("API_URL", None),
        ("", None),
        ("_", None),
    ],
)
def test_secret_name(name: str, found: str | None) -> None:
    assert secret_names.secret_name(name) == found


@pytest.mark.parametrize(
    ("name", "value", "harmless"),
    [
        ("DB_PASS", "", True),
        ("DB_PASS", "true", True),
        ("DB_PASS", "42", True),
        ("DB_PASS", "$OTHER", True),
        ("DB_PASS", "${OTHER}", True),
        ("DB_PASS", "/run/secrets/db", True),
        ("DB_PASS", "C:\\secrets\\db", True),
        ("DB_TOKEN", "https://example.com/token", True),
        ("GPG_KEY", "7169605F62C751356D054A26A821E680E5FA6305", True),
        ("GPG_KEYS", "A821E680E5FA6305 B821E680E5FA6305", True),
        ("DB_PASS", "hunter2", False),
        ("DB_PASS", "${OTHER:-hunter2}", False),
        ("DB_PASS", "$OTHER-hunter2", False),
        ("DB_URL_PASS", "https://user:hunter2@example.com", False),
        ("API_KEY", "7169605F62C751356D054A26A821E680E5FA6305", False),
        ("GPG_KEY", "hunter2", False),
    ],
)
def test_harmless_value(name: str, value: str, harmless: bool) -> None:
    assert secret_names.harmless_value(name, value) is harmless


@pytest.mark.parametrize(
    "value", ["changeme", "CHANGE-ME", "xxx", "xxxxxxx", "<token>", "example-key", "dummy", "test"]
)
def test_placeholder_value(value: str) -> None:
    assert secret_names.placeholder_value(value)


@pytest.mark.parametrize("value", ["hunter2", "ghp_abcdef", "contest", "s3cr3t!", "x"])
def test_no_placeholder_value(value: str) -> None:
    assert not secret_names.placeholder_value(value)


def test_tools_reporting() -> None:
    codes = secret_names.tools_reporting
    assert codes("ARG", "GITHUB_TOKEN", True, None) == (
        "DL3064",
        "SecretsUsedInArgOrEnv",
        "DS-0031",
        "semgrep:secret-in-build-arg",
        "sonar:S6472",
    )
    assert codes("ENV", "AUTHOR", True, "me") == ()
    assert codes("ARG", "AUTHOR", True, None) == ("semgrep:secret-in-build-arg",)
    assert "DS-0031" not in codes("ENV", "GITHUB_TOKEN", False, "x")
    assert "SecretsUsedInArgOrEnv" not in codes("ENV", "TOKEN_FILE", True, "/x")
    assert codes("ENV", "LANG", True, "C") == ()


# The lint path


def test_the_tables_import_nothing_heavy() -> None:
    code = (
        "import sys; import dfadvise.knowledge.lists, dfadvise.knowledge.support, dfadvise.knowledge.base_programs,"
        " dfadvise.knowledge.ecosystems, dfadvise.knowledge.frontend, dfadvise.knowledge.secret_files,"
        " dfadvise.knowledge.secret_names, dfadvise.knowledge.official, dfadvise.knowledge.pins,"
        " dfadvise.knowledge.language_managers, dfadvise.knowledge.base_images;"
        "heavy = {'re', 'typing', 'json', 'enum', 'dataclasses', 'datetime', 'collections'};"
        "print(*heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, cwd=_root(), check=True)
    assert done.stdout.strip() == ""


def _root() -> str:
    import dfadvise

    return dfadvise.__file__.rpartition("dfadvise")[0]


@pytest.mark.parametrize("text", ["\0", "é", "-" * 10_000, "a" * 100_000, "*" * 1000, "_" * 10_000])
def test_strange_text_is_only_not_known(text: str) -> None:
    assert smaller_sibling(text, text) is None
    assert support_end("python", text) is None
    assert retired(text, text) is None
    assert secret_names.secret_name(text) is None
    assert system_use([text, text]) is None
    assert system_use(["apt-get", text]) is None
    assert language_use(["npm", text]) is None
    assert vulnerable(text) is None
    assert dead_host(text) is None
    assert frontend.frontend_version(text) is None
