"""Options of common programs that take the next word as their value, and programs that run other programs.

Source: each program's manual page or `--help` (Debian 12, Alpine 3.20, Fedora 40 and the tools' own
documentation); written down 2026-11-24. Needed to tell operands from option values.
"""

from __future__ import annotations

EMPTY: frozenset[str] = frozenset()

SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh", "ksh", "mksh"))
# What only a shell can do; there is no program of that name, or it would do nothing.
BUILTINS = frozenset(
    """. : alias break cd command continue eval exec exit export fg getopts jobs local read readonly return set shift
    source times trap type ulimit umask unalias unset wait""".split()
)

_VALUED = {
    "apt-get apt aptitude": """-o --option -c --config-file -t --target-release --default-release -a
        --host-architecture -P --build-profiles""",
    "apt-cache apt-mark apt-config": "-o --option -c --config-file -f --file",
    "apk": """-t --virtual -X --repository -p --root --arch --keys-dir --repositories-file --cache-dir
        --cache-max-age --wait --progress-fd --timeout""",
    "dnf dnf5 yum microdnf tdnf": """-c --config -d --debuglevel -e --errorlevel --rpmverbosity -x --exclude
        --excludepkgs --repo --repoid --enablerepo --disablerepo --installroot --releasever --setopt -R --randomwait
        --comment --forcearch --disableplugin --enableplugin --advisory --bz --cve --sec-severity --destdir
        --downloaddir --repofrompath --disableexcludes --color""",
    "zypper": """-R --root --installroot -D --reposd-dir -C --cache-dir --raw-cache-dir --solv-cache-dir
        --pkg-cache-dir -c --config --userdata -r --repo --from -t --type --name --plus-repo -p --plus-content
        --releasever""",
    "pacman": "-b --dbpath -r --root --arch --cachedir --config --gpgdir --hookdir --logfile --overwrite --ignore",
    "pip pipx": """-r --requirement -c --constraint -e --editable -i --index-url --extra-index-url -f --find-links
        -t --target --prefix --root --src --cache-dir --proxy --timeout --retries --cert --client-cert --trusted-host
        --exists-action --platform --python-version --implementation --abi --no-binary --only-binary --progress-bar
        --log --upgrade-strategy --global-option --install-option --config-settings -C --use-feature
        --use-deprecated --python --report --build-option --keyring-provider""",
    "uv": """--directory --project --cache-dir --config-file --python -p --index-url -i --extra-index-url --index -r
        --requirement -c --constraint --override --group --only-group --no-group --extra --package --target --prefix
        --find-links -f --link-mode --no-binary --only-binary --color --python-version --python-platform --resolution
        --prerelease --exclude-newer --upgrade-package -P --no-install-package --default-index""",
    "poetry": "-C --directory -P --project --with --without --only -E --extras",
    "pipenv": "--python --pypi-mirror -r --requirements --categories -i --index",
    "conda mamba micromamba": """-n --name -p --prefix -c --channel -f --file --solver --repodata-fn -r
        --root-prefix --platform""",
    "npm npx pnpm": """--prefix -C --registry --loglevel --cache --tag --omit --include --workspace -w --userconfig
        --globalconfig --script-shell --node-options --fetch-retries --fetch-timeout --maxsockets
        --network-timeout --mutex --filter --dir --store-dir""",
    "yarn yarnpkg": """--cwd --cache-folder --modules-folder --registry --network-timeout --network-concurrency
        --mutex --global-folder --proxy --https-proxy --prod-folder""",
    "bun": "--cwd -c --config --registry --cache-dir --backend",
    "gem": """-v --version -i --install-dir -n --bindir --document -s --source -P --trust-policy --platform -g --file
        --without --config-file -p --http-proxy""",
    "bundle bundler": """--jobs -j --retry --path --without --with --gemfile --binstubs --standalone --shebang
        --trust-policy --target-rbconfig""",
    "composer": "-d --working-dir --prefer-install --ignore-platform-req --apcu-autoloader-prefix",
    "go": """-C -o -p -tags -ldflags -gcflags -asmflags -gccgoflags -mod -modfile -buildmode -compiler -covermode
        -coverpkg -installsuffix -pkgdir -toolexec -overlay -timeout -count""",
    "cargo": """--manifest-path --target --target-dir -p --package --features -F --bin --example --profile -j --jobs
        --color --config -Z --version --git --branch --tag --rev --path --root --registry --index --recipe-path""",
    "mvn mvnw mvnd": """-f --file -s --settings -gs --global-settings -P --activate-profiles -pl --projects -rf
        --resume-from -T --threads -t --toolchains -l --log-file""",
    "gradle gradlew": """-p --project-dir -b --build-file -c --settings-file -I --init-script -g --gradle-user-home
        -x --exclude-task --console --max-workers --project-cache-dir""",
    "dotnet": """-c --configuration -o --output -f --framework -r --runtime -s --source -v --verbosity -a --arch
        --os --configfile --packages --version-suffix --project""",
    "git": """-C -c --git-dir --work-tree --namespace -b --branch --depth -o --origin --reference --config
        --separate-git-dir -j --jobs --shallow-since --filter -m --message""",
    "curl": """-o --output -H --header -d --data --data-raw --data-binary --data-urlencode -u --user -X --request -A
        --user-agent -e --referer -b --cookie -c --cookie-jar -F --form -T --upload-file -w --write-out -m --max-time
        --connect-timeout --retry --retry-delay --retry-max-time -x --proxy -E --cert --key --cacert --capath
        --ciphers --tls-max -r --range -C --continue-at -K --config --resolve --url --limit-rate -y -Y -z --time-cond
        --output-dir --proto --proto-redir -D --dump-header --max-redirs --netrc-file --oauth2-bearer --interface
        --noproxy --socks5 --unix-socket -P -Q -t --max-filesize""",
    "wget": """-O --output-document -o --output-file -a --append-output -P --directory-prefix -t --tries -T --timeout
        --header --user --password --post-data --post-file -U --user-agent --referer -i --input-file -B --base
        --limit-rate -w --wait --waitretry -Q --quota -l --level -A --accept -R --reject -D --domains -e --execute
        --ca-certificate --load-cookies --http-user --http-password --method --body-data --dns-timeout
        --connect-timeout --read-timeout --secure-protocol -X -I""",
    "tar bsdtar": """-f --file -C --directory -T --files-from -X --exclude-from --exclude -b --strip-components
        --transform --xform -I --use-compress-program --owner --group --mode""",
    "unzip": "-d -x -P",
    "useradd usermod": """-u --uid -g --gid -G --groups -d --home --home-dir -s --shell -c --comment -p --password -k
        --skel -e --expiredate -f --inactive -K --key -b --base-dir -R --root -Z""",
    "adduser": """-u --uid -h --home -s --shell -G --ingroup --gid -g --gecos --comment -k --conf --firstuid
        --lastuid""",
    "gpasswd": "-a --add -d --delete -M --members -A --administrators -Q --root",
    "groupadd addgroup": "-g --gid -K --key -p --password -R --root",
    "chown chgrp chmod": "--reference --from",
    "install": "-m --mode -o --owner -g --group -t --target-directory -S --suffix",
    "mkdir": "-m --mode",
    "cp mv ln": "-t --target-directory -S --suffix",
    "rpm": "--root --dbpath --prefix --relocate --define -D --eval -E --rcfile",
    "openssl": """-out -in -keyout -subj -days -newkey -config -passin -passout -extensions -addext -CA -CAkey""",
    "ssh-keygen": "-f -N -C -t -b -O -m -P -I -n -V -s -R -F",
    "gpg gpg2": """--keyserver --homedir -o --output -u --local-user -r --recipient --keyserver-options --passphrase
        --pinentry-mode --default-key --keyring --options --passphrase-fd""",
    "make gmake": "-C --directory -f --file -I -j -l -o -W",
    "docker": "-f --file -t --tag --build-arg -H --host -u --username -p --password",
    "update-alternatives": "--altdir --admindir --log",
    "ruby perl node php": "-e -r --require -I -d",
    "python": "-c -W -X",
}

# Of each program, the text of its options; then, for those that were asked about, the options.
_TEXTS = {program: options for programs, options in _VALUED.items() for program in programs.split()}
# `useradd -l` (no lastlog entry) takes none.
_TEXTS["usermod"] += " -l --login"
_MOST_KNOWN = 1_000
_known: dict[str, frozenset[str]] = {}


def is_known(program: str) -> bool:
    """Whether it is known which options of a program take the next word."""
    return program in _TEXTS or program.rstrip("0123456789.") in _TEXTS


def valued_options(program: str | None) -> frozenset[str]:
    """The options of a program that take the next word.

    Args:
        program: Its base name; versioned ones (`python3.12`, `pip3`) count as the plain one.
    """
    if program is None:
        return EMPTY
    found = _known.get(program)
    if found is None:
        text = _TEXTS.get(program)
        if text is None:
            text = _TEXTS.get(program.rstrip("0123456789."), "")
        found = frozenset(text.split())
        if len(_known) < _MOST_KNOWN:
            _known[program] = found
    return found


# They change the users and groups of a system.
ACCOUNT_PROGRAMS = frozenset(
    """useradd adduser usermod userdel deluser groupadd addgroup groupmod groupdel delgroup chpasswd passwd gpasswd
    chsh""".split()
)
# Programs that run another one: how many operands of their own stand before it, and their valued options.
# `-c` shells, `su`, `find -exec` and `busybox` are read apart (dfadvise.shells.wrappers).
WRAPPERS: dict[str, tuple[int, frozenset[str]]] = {
    program: (operands, frozenset(options.split()))
    for program, operands, options in (
        ("sudo", 0, "-u --user -g --group -h --host -p --prompt -C -r -t -T -U -D --chdir"),
        ("doas", 0, "-u -C"),
        ("env", 0, "-u --unset -C --chdir -S"),
        ("xargs", 0, "-n -P -I -d -L -s -a -E --max-args --max-procs --delimiter --replace"),
        ("nice", 0, "-n --adjustment"),
        ("ionice", 0, "-c -n --class --classdata"),
        ("time", 0, "-f -o --format --output"),
        ("timeout", 1, "-s -k --signal --kill-after"),
        ("exec", 0, "-a"),
        ("command", 0, ""),
        ("builtin", 0, ""),
        ("eatmydata", 0, ""),
        ("fakeroot", 0, ""),
        ("nohup", 0, ""),
        ("setsid", 0, ""),
        ("stdbuf", 0, "-i -o -e"),
        ("gosu", 1, ""),
        ("su-exec", 1, ""),
        ("setpriv", 0, "--reuid --regid --groups"),
        ("linux32", 0, ""),
        ("linux64", 0, ""),
        ("catatonit", 0, ""),
        ("dumb-init", 0, "-r --rewrite"),
        ("tini", 0, "-p -e"),
        ("retry", 0, "-t -d --times --delay"),
        ("chroot", 1, "--userspec --groups"),
        ("xvfb-run", 0, "-s --server-args -n --server-num"),
    )
}
