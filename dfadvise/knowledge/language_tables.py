"""The package managers of languages, as data; look-ups are in language_managers.

Sources: each manager's own help and documentation; shares of cache to installed files measured 2026-11-24
(pip: wheels against site-packages of flask, django, numpy + pandas, scikit-learn; npm: cache against node_modules of
express, react + vite, jest + eslint). Managers without a number were not measured.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import Cleanup, Leftover, Manager, verbs, words

PYTHON_PROJECT = ("pyproject.toml", "setup.py", "setup.cfg")

PIP = Manager(
    "pip",
    "pip",  # and pip3, pip3.12, python -m pip: see language_managers
    verbs=verbs(install="install", download="download wheel", remove="uninstall", clean="cache"),
    before=words(
        "--abi --all-releases -b --build --build-constraint --build-option --cache-dir --cert --client-cert"
        " -C --config-setting --config-settings -c --constraint --default-timeout -d --dest"
        " --destination-dir --destination-directory --download -e --editable --exists-action"
        " --extra-index-url -f --find-links --global-option --group --implementation -i --index-url"
        " --install-option --keyring-provider --local-log --log --log-file --no-binary --only-binary"
        " --only-final --platform --prefix --progress-bar --proxy --pypi-url --python --python-version"
        " --refresh-package --report -r --requirement --requirements-from-script --resume-retries --retries"
        " --root --root-user-action --source --source-dir --source-directory --src -t --target --timeout"
        " --trusted-host --upgrade-strategy --uploaded-prior-to --use-deprecated --use-feature -w"
        " --wheel-dir"
    ),
    # pip takes what begins no other option of its for the whole: --no-clean, --no-color, --no-compile.
    off=("--no-cache-dir", *("--no-cache-dir"[:length] for length in range(len("--no-ca"), len("--no-cache-dir")))),
    off_env=("PIP_NO_CACHE_DIR",),
    off_since="6",
    moved=("--cache-dir",),
    moved_env=("PIP_CACHE_DIR", "XDG_CACHE_HOME"),
    offline=("--no-index",),
    leftovers=(Leftover("cache", "~/.cache/pip", share=(0.10, 0.25)),),
    cleanups=(Cleanup("cache", "purge"),),
    cleanup="rm -rf ~/.cache/pip",
    mounts=("~/.cache/pip",),
    manifests=("requirements*.txt", "constraints*.txt", *PYTHON_PROJECT),
    aliases={
        "package-cache-left": ("DL3042", "kics:f2f903fb", "semgrep:missing-pip-no-cache-dir"),
        "unpinned-package": ("DL3013", "kics:02d9c71f", "slim:ID.20018"),
    },
)

PIPX = Manager(
    "pipx",
    "pipx",
    verbs=verbs(install="install inject run install-all upgrade upgrade-all", remove="uninstall"),
    before=words("-i --index-url --pip-args --python --suffix --preinstall --spec --include-deps-from"),
    aliases={"unpinned-package": ("DL3013", "kics:02d9c71f", "slim:ID.20018")},
)

UV = Manager(
    "uv",
    "uv",
    "uvx",
    verbs=verbs(
        install="pip+install pip+sync sync add tool+install tool+run tool+upgrade run remove",
        download="lock export python+install pip+compile venv",
        compile="build",
        clean="cache clean",
    ),
    before=words(
        "--allow-insecure-host --bounds --branch -b --build-constraint --build-constraints --cache-dir"
        " --cert --color --config-file -C --config-setting --config-settings --config-settings-package -c"
        " --constraint --constraints --default-index --directory -e --editable --env-file --exclude-newer"
        " --exclude-newer-package --excludes --extra --extra-index-url -f --find-links --fork-strategy"
        " --from --group --index --index-strategy -i --index-url --keyring-provider --link-mode -m --marker"
        " --no-binary --no-binary-package --no-build-isolation-package --no-build-package"
        " --no-editable-package --no-extra --no-group --no-install-package --no-sources-package"
        " --only-binary --only-group --optional -o --out-dir --output-file --output-format --override"
        " --overrides --package --prefix --prerelease --prerelease-package --project --prompt -p --python"
        " --python-platform --python-preference --python-version --refresh-package --reinstall-package -r"
        " --requirement --requirements --resolution --rev --script --tag -t --target --torch-backend"
        " --upgrade-group -P --upgrade-package -w --with --with-editable --with-executables-from"
        " --with-requirements"
    ),
    off=("--no-cache", "--no-cache-dir", "-n"),
    off_env=("UV_NO_CACHE",),
    moved=("--cache-dir",),
    moved_env=("UV_CACHE_DIR", "XDG_CACHE_HOME"),
    offline=("--offline",),
    leftovers=(Leftover("cache", "~/.cache/uv"),),
    cleanups=(Cleanup("cache", "clean"), Cleanup("clean")),
    cleanup="uv cache clean",
    mounts=("~/.cache/uv",),
    manifests=("pyproject.toml", "uv.lock", "requirements*.txt", "constraints*.txt", "setup.py", "setup.cfg"),
    locks=("uv.lock",),
    frozen=("--locked", "--frozen"),
    frozen_env=("UV_LOCKED", "UV_FROZEN"),
    production=("--no-dev", "--no-default-groups", "--only-group"),
    production_env=(("UV_NO_DEV", ""),),
    linked=True,
)

POETRY = Manager(
    "poetry",
    "poetry",
    verbs=verbs(install="install sync add update self+add self+update", download="lock", remove="remove"),
    before=words(
        "-C --directory -E --extras -G --group --markers --only --optional --platform -P --project --python"
        " --source --with --without"
    ),
    off=("--no-cache",),
    off_since="1.2",
    moved_env=("POETRY_CACHE_DIR", "XDG_CACHE_HOME"),
    leftovers=(Leftover("cache", "~/.cache/pypoetry"),),
    cleanup="rm -rf ~/.cache/pypoetry",
    mounts=("~/.cache/pypoetry",),
    manifests=("pyproject.toml", "poetry.lock", "poetry.toml"),
    locks=("poetry.lock",),
    frozen_verbs=("install", "sync"),
    production=("--only=main", "--only", "--without", "--no-dev"),
)

PIPENV = Manager(
    "pipenv",
    "pipenv",
    verbs=verbs(install="install sync update upgrade", download="lock", remove="uninstall"),
    before=words(
        "--categories --config-settings -e --editable --extra-pip-args --extras -i --index --pypi-mirror"
        " --python -r --requirements --resolver"
    ),
    moved_env=("PIPENV_CACHE_DIR", "PIP_CACHE_DIR", "XDG_CACHE_HOME"),
    leftovers=(Leftover("cache", "~/.cache/pipenv"), Leftover("cache", "~/.cache/pip")),
    cleanup="rm -rf ~/.cache/pipenv ~/.cache/pip",
    mounts=("~/.cache/pipenv", "~/.cache/pip"),
    manifests=("Pipfile", "Pipfile.lock"),
    locks=("Pipfile.lock",),
    frozen=("--deploy", "--ignore-pipfile"),
    frozen_verbs=("sync",),
)

CONDA = Manager(
    "conda",
    "conda",
    "mamba",
    "micromamba",
    verbs=verbs(
        install="install create update upgrade env+create env+update",
        remove="remove uninstall",
        clean="clean",
    ),
    before=words("-r --root-prefix --rc-file --platform --channel-priority"),
    after=words(
        "-n --name -p --prefix -c --channel -f --file --revision --repodata-fn --solver --experimental"
        " --subdir --platform --clone -r --root-prefix --rc-file --channel-priority --category"
        " --network-concurrency"
    ),
    asks=True,
    yes=("-y", "--yes"),
    yes_config="conda_always_yes",
    quiet_verbs=("env create", "env update"),
    moved_env=("CONDA_PKGS_DIRS",),
    offline=("--offline",),
    leftovers=(Leftover("cache", "$CONDA_DIR/pkgs", "/opt/conda/pkgs", "/opt/miniconda3/pkgs", "~/.conda/pkgs"),),
    cleanups=(Cleanup("clean", flags=("-a", "--all")),),
    cleanup="{program} clean -afy",
    mounts=("/opt/conda/pkgs",),
    mount_alternatives=("$CONDA_DIR/pkgs", "~/.conda/pkgs"),
    sharing="locked",
    manifests=("environment*.yml", "environment*.yaml", "conda-lock.yml", "conda-*.lock"),
    locks=("conda-lock.yml", "conda-*.lock"),
    rank=3,
)

NPM = Manager(
    "npm",
    "npm",
    verbs=verbs(
        install="install i in ins inst insta instal isnt isnta isntal isntall add ci clean-install ic"
        " install-clean isntall-clean install-test it install-ci-test cit sit update up upgrade udpate",
        remove="uninstall un unlink remove rm r",
        clean="cache",
    ),
    before=words(
        "--access --audit-level --auth-type --before --ca --cache --cache-max --cache-min --cafile --call"
        " -c --cert --cidr --cpu --depth --fetch-retries --fetch-retry-factor --fetch-retry-maxtimeout"
        " --fetch-retry-mintimeout --fetch-timeout --git --globalconfig --https-proxy --include"
        " --install-strategy --key --libc --local-address --location -L --lockfile-version --loglevel"
        " --logs-dir --logs-max --maxsockets --min-release-age --node-gyp --node-options --noproxy --omit"
        " --only --also --os --otp --package --pack-destination --prefix -C --proxy --registry --reg"
        " --save-prefix --scope --script-shell --tag --umask --user-agent --userconfig --workspace -w"
    ),
    moved=("--cache",),
    moved_env=("npm_config_cache", "NPM_CONFIG_CACHE"),
    offline=("--offline",),
    leftovers=(Leftover("cache", "~/.npm", share=(0.80, 1.20)),),
    cleanups=(
        Cleanup("cache", "clean", flags=("--force", "-f")),
        Cleanup("cache", "clear", flags=("--force", "-f")),
    ),
    cleanup="npm cache clean --force",
    mounts=("~/.npm",),
    manifests=("package.json", "package-lock.json", "npm-shrinkwrap.json", ".npmrc"),
    locks=("package-lock.json", "npm-shrinkwrap.json"),
    frozen_verbs=(
        "ci",
        "clean-install",
        "ic",
        "install-clean",
        "isntall-clean",
        "install-ci-test",
        "cit",
        "sit",
    ),
    production=("--omit=dev", "--production", "--only=prod", "--only=production", "--prod"),
    production_env=(
        ("NODE_ENV", "production"),
        ("NPM_CONFIG_PRODUCTION", ""),
        ("npm_config_production", ""),
        ("NPM_CONFIG_OMIT", "dev"),
        ("npm_config_omit", "dev"),
    ),
    aliases={"unpinned-package": ("DL3016", "kics:e36d8880")},
)

_YARN_VALUES = words(
    "--cache-folder --cwd --emoji --global-folder --https-proxy --link-folder --modules-folder --mutex"
    " --network-concurrency --child-concurrency --network-timeout --otp --preferred-cache-folder --proxy"
    " --registry --scripts-prepend-node-path --use-yarnrc --tag -T --pattern --mode --from"
)

YARN = Manager(
    "yarn",
    "yarn",
    "yarnpkg",
    verbs=verbs(
        install="install add upgrade upgrade-interactive global+add global+upgrade",
        remove="remove",
        clean="cache",
    ),
    default_verb="install",
    before=_YARN_VALUES,
    moved=("--cache-folder", "--preferred-cache-folder"),
    moved_env=("YARN_CACHE_FOLDER",),
    offline=("--offline",),
    # As root and as any other user: `yarn cache dir` of 1.22.22, 2026-11-24. Yarn 4.9.2 has its own in ~/.yarn/berry.
    leftovers=(Leftover("cache", "/usr/local/share/.cache/yarn", "~/.cache/yarn"),),
    cleanups=(Cleanup("cache", "clean"),),
    cleanup="yarn cache clean",
    mounts=("/usr/local/share/.cache/yarn",),
    mount_alternatives=("~/.cache/yarn", "/usr/local/share/.cache"),
    sharing="locked",
    manifests=("package.json", "yarn.lock", ".yarnrc", ".npmrc"),
    locks=("yarn.lock",),
    frozen=("--frozen-lockfile", "--immutable"),
    production=("--production", "--prod"),
    production_env=(("NODE_ENV", "production"), ("YARN_PRODUCTION", "")),
    aliases={
        "package-cache-left": ("DL3060", "kics:9e13082c"),
        "unpinned-package/add": ("DL3016", "kics:e36d8880"),
    },
)

YARN_BERRY = Manager(
    "yarn-berry",
    "yarn",
    "yarnpkg",
    verbs=verbs(install="install add up dlx workspaces+focus", compile="rebuild", remove="remove", clean="cache"),
    default_verb="install",
    before=_YARN_VALUES,
    moved_env=("YARN_CACHE_FOLDER", "YARN_GLOBAL_FOLDER", "YARN_ENABLE_GLOBAL_CACHE"),
    leftovers=(Leftover("cache", "~/.yarn/berry/cache", ".yarn/cache"),),
    cleanups=(Cleanup("cache", "clean"),),
    cleanup="yarn cache clean",
    mounts=("~/.yarn/berry/cache",),
    mount_alternatives=("~/.yarn/berry", "~/.yarn"),
    manifests=(
        "package.json",
        "yarn.lock",
        ".yarnrc.yml",
        ".yarn/releases",
        ".yarn/plugins",
        ".yarn/patches",
        ".npmrc",
    ),
    locks=("yarn.lock",),
    frozen=("--immutable", "--immutable-cache", "--frozen-lockfile"),
    frozen_env=("YARN_ENABLE_IMMUTABLE_INSTALLS", "CI"),
    production=("--production",),
    store=True,
    aliases={
        "package-cache-left": ("DL3060", "kics:9e13082c"),
        "unpinned-package/add": ("DL3016", "kics:e36d8880"),
    },
)

PNPM = Manager(
    "pnpm",
    "pnpm",
    verbs=verbs(
        install="install i ci clean-install ic add update up upgrade deploy install-test it dlx import",
        download="fetch",
        compile="rebuild rb",
        remove="remove rm uninstall un",
        clean="store",
    ),
    before=words(
        "-C --dir --filter -F --filter-prod --store-dir --virtual-store-dir --modules-dir --registry"
        " --reporter --loglevel --network-concurrency --child-concurrency --workspace-concurrency"
        " --lockfile-dir --global-dir --package-import-method --node-linker --hoist-pattern"
        " --public-hoist-pattern --fetch-retries --fetch-retry-factor --fetch-retry-maxtimeout"
        " --fetch-retry-mintimeout --fetch-timeout --fetch-min-speed-ki-bps --fetch-warn-timeout-ms"
        " --use-node-version --cpu --os --libc --state-dir --cache-dir --test-pattern"
        " --changed-files-ignore-pattern --resume-from --save-catalog-name --save-prefix --prefix --package"
        " --allow-build --workspace-dir --minimum-release-age"
    ),
    moved=("--store-dir",),
    moved_env=("npm_config_store_dir", "NPM_CONFIG_STORE_DIR", "pnpm_config_store_dir", "XDG_DATA_HOME"),
    offline=("--offline",),
    leftovers=(Leftover("cache", "$PNPM_HOME/store", "~/.local/share/pnpm/store"),),
    cleanups=(Cleanup("store", "prune"),),
    cleanup="pnpm store prune",
    mounts=("$PNPM_HOME/store",),
    mount_alternatives=("~/.local/share/pnpm/store",),
    manifests=(
        "package.json",
        "pnpm-lock.yaml",
        "pnpm-workspace.yaml",
        ".npmrc",
        ".pnpmfile.cjs",
        ".pnpmfile.mjs",
        "patches",
    ),
    locks=("pnpm-lock.yaml",),
    frozen=("--frozen-lockfile",),
    frozen_env=("CI",),
    frozen_verbs=("ci", "clean-install", "ic", "fetch"),
    production=("--prod", "-P", "--production"),
    production_env=(("NODE_ENV", "production"),),
    linked=True,
    aliases={"unpinned-package/add": ("DL3016", "kics:e36d8880")},
)

BUN = Manager(
    "bun",
    "bun",
    verbs=verbs(install="install i add a update ci x create", remove="remove rm", clean="pm"),
    before=words(
        "--cwd -c --config --cache-dir --registry --concurrent-scripts --network-concurrency --backend"
        " --omit --filter -F --ca --cafile --linker --cpu --os --minimum-release-age --env-file"
    ),
    off=("--no-cache",),
    moved=("--cache-dir",),
    moved_env=("BUN_INSTALL_CACHE_DIR", "BUN_INSTALL"),
    leftovers=(Leftover("cache", "~/.bun/install/cache"),),
    cleanups=(Cleanup("pm", "cache", "rm"),),
    cleanup="rm -rf ~/.bun/install/cache",
    mounts=("~/.bun/install/cache",),
    manifests=("package.json", "bun.lock", "bun.lockb", "bunfig.toml", ".npmrc"),
    locks=("bun.lock", "bun.lockb"),
    # --production freezes too: PackageManagerOptions.zig of bun 1.2, read 2026-11-24.
    frozen=("--frozen-lockfile", "--production", "-p"),
    frozen_verbs=("ci",),
    production=("--production", "-p", "--omit=dev"),
    production_env=(("NODE_ENV", "production"),),
    linked=True,
)
