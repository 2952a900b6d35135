"""The package managers and build tools of Ruby, PHP, Go, Rust, the JVM and .NET, as data.

Sources: each tool's own help and documentation, read 2026-11-24. Sizes of their caches were not measured.
"""

from __future__ import annotations

from dfadvise.knowledge.manager import Cleanup, Leftover, Manager, verbs, words

# Go has modules since 1.11 and a build cache since 1.10: go.dev/doc/go1.11, go.dev/doc/go1.10, read 2026-11-24.
GO_MODULES = (1, 11)

BUNDLER = Manager(
    "bundler",
    "bundle",
    "bundler",
    verbs=verbs(install="install i update add", download="package cache pack lock", remove="remove", clean="clean"),
    default_verb="install",
    before=words(
        "--gemfile --path --without --with -j --jobs --retry --shebang -P --trust-policy --target-rbconfig"
        " --system-path --group -g --source -s --version -v --git --branch --ref --glob --cache-path"
    ),
    moved_env=("GEM_HOME", "BUNDLE_PATH", "BUNDLE_USER_CACHE", "BUNDLE_USER_HOME", "BUNDLE_GLOBAL_GEM_CACHE"),
    offline=("--local",),
    leftovers=(
        Leftover("cache", "$GEM_HOME/cache", "/usr/local/bundle/cache", "/usr/local/bundle/ruby/*/cache"),
        Leftover("cache", "~/.bundle/cache"),
    ),
    cleanup="rm -rf /usr/local/bundle/cache ~/.bundle/cache",  # the ruby images' GEM_HOME
    mounts=("/usr/local/bundle/cache",),
    mount_alternatives=("$GEM_HOME/cache", "~/.bundle/cache"),
    manifests=("Gemfile", "Gemfile.lock", "gems.rb", "gems.locked", "*.gemspec", ".ruby-version"),
    locks=("Gemfile.lock", "gems.locked"),
    frozen=("--deployment", "--frozen"),
    frozen_env=("BUNDLE_DEPLOYMENT", "BUNDLE_FROZEN"),
    production=("--without",),
    production_env=(("BUNDLE_WITHOUT", "*"), ("BUNDLE_ONLY", "*")),
    rank=3,
    aliases={"package-cache-left": ("tally:ruby/leftover-bundler-cache",)},
)

GEM = Manager(
    "gem",
    "gem",
    verbs=verbs(install="install i update", download="fetch", remove="uninstall", clean="cleanup"),
    before=words(
        "-v --version -i --install-dir -n --bindir -P --trust-policy --platform -s --source -p --http-proxy"
        " -B --bulk-threshold --build-root -g --file --target-rbconfig --without --config-file --document"
    ),
    moved_env=("GEM_HOME",),
    offline=("-l", "--local"),
    leftovers=(
        Leftover("cache", "$GEM_HOME/cache", "/usr/local/bundle/cache"),
        Leftover("docs", "$GEM_HOME/doc", "/usr/local/bundle/doc"),
    ),
    cleanup="rm -rf /usr/local/bundle/cache",
    mounts=("/usr/local/bundle/cache",),
    mount_alternatives=("$GEM_HOME/cache",),
    pin_flags=("-v", "--version", "-g", "--file"),
    rank=3,
    aliases={"unpinned-package": ("DL3028", "kics:22cd11f7")},
)

COMPOSER = Manager(
    "composer",
    "composer",
    "composer.phar",
    verbs=verbs(
        install="install i update u upgrade require req r create-project reinstall global+require global+install"
        " global+update",
        remove="remove rm uninstall",
        clean="clear-cache clearcache cc",
    ),
    before=words(
        "-d --working-dir --prefer-install --apcu-autoloader-prefix --ignore-platform-req --audit-format -s"
        " --stability --repository --repository-url --with --minimal-changes-with"
    ),
    off=("--no-cache",),
    moved_env=("COMPOSER_CACHE_DIR", "COMPOSER_HOME", "XDG_CACHE_HOME"),
    leftovers=(Leftover("cache", "~/.composer/cache", "~/.cache/composer", "/tmp/cache"),),
    cleanups=(Cleanup("clear-cache"), Cleanup("clearcache"), Cleanup("cc")),
    cleanup="composer clear-cache",
    mounts=("~/.composer/cache",),
    mount_alternatives=("~/.cache/composer", "/tmp/cache", "$COMPOSER_CACHE_DIR"),
    manifests=("composer.json", "composer.lock", "symfony.lock", "auth.json"),
    locks=("composer.lock",),
    frozen_verbs=("install", "i"),
    production=("--no-dev",),
    production_env=(("COMPOSER_NO_DEV", ""),),
)

_GO_VALUES = words(
    "-C -asmflags -buildmode -compiler -count -covermode -coverpkg -coverprofile -cpu -cpuprofile -exec"
    " -gccgoflags -gcflags -installsuffix -ldflags -memprofile -mod -modfile -o -overlay -p -parallel -pgo"
    " -pkgdir -run -tags -timeout -toolexec"
)

GO = Manager(
    "go",
    "go",
    verbs=verbs(
        download="mod+download mod+tidy mod+vendor work+sync",
        compile="build install get run test vet generate list",
        clean="clean",
    ),
    before=_GO_VALUES | {"-" + option for option in _GO_VALUES},  # go takes one dash or two
    bundled=False,
    moved_env=("GOMODCACHE", "GOCACHE", "GOPATH"),
    leftovers=(
        Leftover("cache", "/go/pkg/mod", "$GOPATH/pkg/mod", "~/go/pkg/mod", "$GOMODCACHE"),
        Leftover("cache", "~/.cache/go-build", "$GOCACHE"),
    ),
    cleanups=(Cleanup("clean", "-modcache", "-cache"), Cleanup("clean", "-cache", "-modcache")),
    cleanup="go clean -modcache -cache",
    mounts=("/go/pkg/mod", "~/.cache/go-build"),
    mount_alternatives=("/go/pkg", "/go", "$GOMODCACHE", "$GOCACHE"),
    manifests=("go.mod", "go.sum", "go.work", "go.work.sum"),
    locks=("go.sum",),
    rank=3,
    store=True,
    aliases={"unpinned-package": ("DL3062",)},
)

CARGO = Manager(
    "cargo",
    "cargo",
    verbs=verbs(
        download="fetch vendor update",
        compile="build b install check c test t run r rustc bench doc d clippy chef+cook binstall zigbuild"
        " leptos+build",
        clean="clean",
    ),
    before=words(
        "--manifest-path --target --target-dir -F --features -p --package --exclude --bin --example --test"
        " --bench --profile -j --jobs --color --config -Z -C --message-format --version --vers --git"
        " --branch --tag --rev --path --root --index --registry --recipe-path --lockfile-path --artifact-dir"
        " --out-dir --precise"
    ),
    moved_env=("CARGO_HOME",),
    offline=("--offline", "--frozen"),
    leftovers=(
        Leftover("cache", "$CARGO_HOME/registry", "/usr/local/cargo/registry", "~/.cargo/registry"),
        Leftover("cache", "$CARGO_HOME/git", "/usr/local/cargo/git", "~/.cargo/git"),
    ),
    cleanup="rm -rf /usr/local/cargo/registry /usr/local/cargo/git",
    mounts=("/usr/local/cargo/registry", "/usr/local/cargo/git"),
    mount_alternatives=(
        "/usr/local/cargo/git/db",
        "$CARGO_HOME/registry",
        "$CARGO_HOME/git",
        "~/.cargo/registry",
    ),
    manifests=(
        "Cargo.toml",
        "Cargo.lock",
        "rust-toolchain",
        "rust-toolchain.toml",
        ".cargo/config.toml",
        "recipe.json",
    ),
    locks=("Cargo.lock",),
    frozen=("--locked", "--frozen"),
    production=("--release", "-r"),
    rank=3,
    store=True,
    pin_flags=("--version", "--vers", "--git", "--path", "--tag", "--rev"),
)

MAVEN = Manager(
    "maven",
    "mvn",
    "mvnw",
    "mvnd",
    verbs=verbs(
        compile="compile package install verify test deploy site process-resources prepare-package"
        " test-compile spring-boot:build-image",
        download="clean validate dependency:go-offline dependency:resolve dependency:resolve-plugins",
    ),
    before=words(
        "-f --file -s --settings -gs --global-settings -t --toolchains -gt --global-toolchains -pl"
        " --projects -P --activate-profiles -rf --resume-from -T --threads -l --log-file -D --define -b"
        " --builder -emp --encrypt-master-password -ep --encrypt-password --color"
    ),
    bundled=False,
    offline=("-o", "--offline"),
    leftovers=(Leftover("cache", "~/.m2/repository", "~/.m2"),),
    cleanup="rm -rf ~/.m2/repository",
    mounts=("~/.m2/repository",),
    mount_alternatives=("~/.m2",),
    manifests=("pom.xml", ".mvn", "mvnw", "settings.xml"),
    rank=3,
    store=True,
)

GRADLE = Manager(
    "gradle",
    "gradle",
    "gradlew",
    verbs=verbs(
        compile="build assemble bootJar bootWar jar war shadowJar fatJar installDist distZip distTar classes"
        " testClasses compileJava compileKotlin check test publish nativeCompile installShadowDist",
        download="clean dependencies help tasks wrapper projects downloadDependencies resolveDependencies",
    ),
    before=words(
        "-p --project-dir -b --build-file -c --settings-file -g --gradle-user-home -I --init-script -x"
        " --exclude-task --include-build --project-cache-dir --max-workers --console --warning-mode"
        " --priority --tests -M --write-verification-metadata -F --dependency-verification"
        " --configuration-cache-problems --update-locks -D --system-prop -P --project-prop"
    ),
    bundled=False,
    moved=("-g", "--gradle-user-home"),
    moved_env=("GRADLE_USER_HOME",),
    offline=("--offline",),
    leftovers=(Leftover("cache", "~/.gradle", "/home/gradle/.gradle", "~/.gradle/caches", "$GRADLE_USER_HOME"),),
    cleanup="rm -rf ~/.gradle",
    mounts=("~/.gradle",),
    mount_alternatives=("/home/gradle/.gradle", "~/.gradle/caches", "$GRADLE_USER_HOME"),
    sharing="locked",
    manifests=("*.gradle", "*.gradle.kts", "gradle.properties", "gradle", "gradlew", "gradle.lockfile"),
    locks=("gradle.lockfile",),
    rank=3,
    store=True,
)

NUGET = Manager(
    "nuget",
    "dotnet",
    "nuget",
    verbs=verbs(
        download="restore tool+install tool+restore tool+update workload+install add+package package+add new",
        compile="build publish run test pack msbuild",
        clean="nuget+locals locals",
    ),
    before=words(
        "-c --configuration -o --output -r --runtime -f --framework -v --verbosity -a --arch --os -s"
        " --source --packages --configfile --lock-file-path --version-suffix --property --tool-path"
        " --version --project --launch-profile --add-source --logger -l --filter --settings --manifest"
        " --self-contained --sc -OutputDirectory -Version -Source -PackagesDirectory -ConfigFile -Verbosity"
    ),
    bundled=False,
    moved=("--packages",),
    moved_env=("NUGET_PACKAGES",),
    leftovers=(Leftover("cache", "~/.nuget/packages"),),
    cleanups=(Cleanup("nuget", "locals", "all", flags=("--clear", "-c")), Cleanup("locals", "all", "-clear")),
    cleanup="rm -rf ~/.nuget/packages",
    mounts=("~/.nuget/packages",),
    mount_alternatives=("~/.nuget", "$NUGET_PACKAGES"),
    manifests=(
        "*.csproj",
        "*.fsproj",
        "*.vbproj",
        "*.sln",
        "*.slnx",
        "Directory.*.props",
        "Directory.*.targets",
        "nuget.config",
        "NuGet.config",
        "NuGet.Config",
        "global.json",
        "packages.lock.json",
        "dotnet-tools.json",
    ),
    locks=("packages.lock.json",),
    frozen=("--locked-mode",),
    production=("-c=Release", "--configuration=Release"),
    rank=3,
    store=True,
)
