"""What a step with a secret keeps, prints or makes."""

import pytest

from dfadvise.testing import Bench
from rule_answers import RULES, findings, levels
from secret_samples import BASE, SYNTAX

# --- what steps keep ---


@pytest.mark.parametrize(
    "command",
    [
        'npm config set //registry.npmjs.org/:_authToken "$TOKEN"',
        'pip config set global.index-url "https://ci:${TOKEN}@pypi.example.org/simple"',
        "yarn config set npmAuthToken $TOKEN",
        "poetry config http-basic.private ci $TOKEN",
        "composer config -g github-oauth.github.com $TOKEN",
        "bundle config gems.example.org ci:$TOKEN",
        "cargo login $TOKEN",
        "docker login -u ci -p $TOKEN",
        "echo $TOKEN | docker login -u ci --password-stdin",
        'echo "$TOKEN" | gh auth login --with-token',
        "helm registry login e.org -u ci -p $TOKEN",
        "aws configure set aws_secret_access_key $TOKEN",
        "az login --service-principal -u x -p $TOKEN --tenant y",
        "doctl auth init -t $TOKEN",
        "kubectl config set-credentials ci --token=$TOKEN",
        "huggingface-cli login --token $TOKEN",
        'git clone "https://x-access-token:${TOKEN}@github.com/a/b.git"',
        "git clone https://$TOKEN@github.com/a/b.git /src",
        'git config --global url."https://ci:${TOKEN}@github.com/".insteadOf "https://github.com/"',
        'git config --global http.extraheader "Authorization: Bearer $TOKEN"',
        "dotnet nuget add source https://e.org -n x -u ci -p $TOKEN --store-password-in-clear-text",
        'echo "//registry.npmjs.org/:_authToken=$TOKEN" > ~/.npmrc',
        'echo "//registry.npmjs.org/:_authToken=$TOKEN" >> /root/.npmrc',
        'printf "machine e.org\\nlogin ci\\npassword %s\\n" "$TOKEN" > ~/.netrc',
        'echo "https://ci:$TOKEN@github.com" > ~/.git-credentials',
        'echo "token=$TOKEN" | tee /etc/app.conf',
        "echo $TOKEN > /etc/token",
        "cat > /etc/app.ini <<EOF\npassword=$TOKEN\nEOF",
    ],
)
@pytest.mark.parametrize("source", ["argument", "mount"])
def test_what_outlives_its_step(command, source):
    head = "ARG TOKEN\nRUN " if source == "argument" else "RUN --mount=type=secret,id=t,env=TOKEN "
    assert levels("secret-persisted", SYNTAX + BASE + head + command + "\n") == ["error"]
    builder = SYNTAX + "FROM debian:13 AS b\n" + head + command + "\nFROM scratch\nCOPY --from=b /out /out\n"
    assert findings("secret-persisted", builder) == []


@pytest.mark.parametrize(
    "command",
    [
        'npm config set //registry.npmjs.org/:_authToken "$TOKEN" && npm ci && rm -f ~/.npmrc',
        'npm config set //registry.npmjs.org/:_authToken "$TOKEN" && npm ci && rm -f /root/.npmrc',
        'npm config set //registry.npmjs.org/:_authToken "$TOKEN" && npm ci && npm config delete //r/:_authToken',
        "npm config set '//registry.npmjs.org/:_authToken' '${TOKEN}'",
        "npm config set //registry.npmjs.org/:_authToken '${TOKEN}' && npm ci",
        "docker login -u ci -p $TOKEN && docker push x && docker logout",
        "docker login -u ci -p $TOKEN && docker push x && rm -rf ~/.docker",
        "git clone https://$TOKEN@github.com/a/b.git /src && rm -rf /src/.git",
        "git clone https://$TOKEN@github.com/a/b.git /src && make -C /src && rm -rf /src",
        "git clone https://$TOKEN@github.com/a/b.git && cd b && git remote set-url origin https://github.com/a/b.git",
        'git config --global url."https://$TOKEN@github.com/".insteadOf x && make && git config --global --unset-all u',
        'git config --global url."https://$TOKEN@github.com/".insteadOf x && go build && rm ~/.gitconfig',
        'echo "//registry.npmjs.org/:_authToken=$TOKEN" > .npmrc && npm ci && rm .npmrc',
        "echo '//registry.npmjs.org/:_authToken=${TOKEN}' > .npmrc",
        'echo "//registry.npmjs.org/:_authToken=\\${TOKEN}" > .npmrc',
        'echo "registry=$REGISTRY" > .npmrc',
        'pip install "git+https://$TOKEN@github.com/a/b.git"',
        "pip install --index-url https://ci:$TOKEN@pypi.example.org/simple app",
        'curl -H "Authorization: Bearer $TOKEN" https://e.org > /out',
        "echo $TOKEN | docker login --password-stdin && docker logout",
        "echo ${#TOKEN} ${TOKEN:+set} > /etc/state",
        'test -n "$TOKEN" && echo yes > /etc/state',
        "ln -s /run/secrets/t /etc/token",
    ],
)
@pytest.mark.parametrize("source", ["argument", "mount"])
def test_what_does_not_outlive_its_step(command, source):
    head = (
        "ARG TOKEN\nARG REGISTRY\nUSER root\nRUN "
        if source == "argument"
        else "RUN --mount=type=secret,id=t,env=TOKEN "
    )
    assert findings("secret-persisted", SYNTAX + BASE + head + command + "\n") == []


@pytest.mark.parametrize(
    "command", ["cp /run/secrets/t /etc/t", "cat /run/secrets/t > /etc/t", "install -m 600 /run/secrets/t /etc/t"]
)
def test_a_mounted_file_that_is_copied(command):
    text = BASE + f"RUN --mount=type=secret,id=t {command}\n"
    assert levels("secret-persisted", text) == ["error"]
    assert findings("secret-persisted", text.replace("/etc/t\n", "/etc/t && ./x && rm /etc/t\n")) == []
    assert (
        findings(
            "secret-persisted",
            text.replace("/etc/t\n", "/tmp/t\n").replace("RUN ", "RUN --mount=type=tmpfs,target=/tmp "),
        )
        == []
    )


def test_a_cache_mount_keeps_it_for_later_builds():
    head = "RUN --mount=type=secret,id=t,env=TOKEN --mount=type=cache,target=/root "
    found = findings("secret-persisted", BASE + head + "npm config set //r.example.org/:_authToken $TOKEN\n")
    assert "cache mount" in found[0].message


def test_a_set_up_without_a_mount_is_the_scanners_case():
    text = "FROM amazon/aws-cli:2\nRUN aws configure set aws_secret_access_key $SOMETHING\n"
    assert [(each.severity, each.aliases) for each in findings("secret-persisted", text)] == [("style", ("DS-0031",))]
    with_mount = text.replace("RUN ", "RUN --mount=type=secret,id=x ")
    assert findings("secret-persisted", with_mount) == []


# --- the build log ---

MOUNT = "RUN --mount=type=secret,id=t,env=TOKEN "


@pytest.mark.parametrize(
    "line",
    [
        MOUNT + 'set -x && curl -H "X-Token: $TOKEN" https://e.org',
        "RUN --mount=type=secret,id=t set -eux; T=$(cat /run/secrets/t); ./x",
        MOUNT + "set -o xtrace; ./x $TOKEN",
        MOUNT + "sh -xc './x $TOKEN'",
        MOUNT + "echo $TOKEN",
        MOUNT + "printf '%s' \"$TOKEN\" | base64",
        MOUNT + "env | sort",
        MOUNT + "printenv",
        MOUNT + "printenv TOKEN",
        MOUNT + "export -p",
        "ARG API_TOKEN\nRUN env",
        'ARG API_TOKEN\nRUN echo "token is $API_TOKEN"',
        "ENV DB_PASSWORD=x1y2z3a4\nRUN printenv",
        "RUN --mount=type=secret,id=t cat /run/secrets/t",
        "RUN --mount=type=secret,id=t,target=/t cat /t",
        'RUN --mount=type=secret,id=t echo "$(cat /run/secrets/t)"',
    ],
)
def test_what_ends_in_the_build_log(line):
    assert levels("secret-printed", BASE + line + "\n") == ["warning"]


@pytest.mark.parametrize(
    "line",
    [
        "RUN set -x && env && printenv && echo $HOME",
        "ARG VERSION\nRUN set -eux; curl -O https://e.org/$VERSION; env",
        "ENV PASSWORD_FILE=/run/secrets/pw\nRUN env",
        "ARG API_TOKEN\nRUN set -x && make",
        MOUNT + "set -x; make; set +x; ./x $TOKEN",
        MOUNT + "./x $TOKEN; set -x; make",
        MOUNT + "echo $TOKEN > /tmp/t; rm /tmp/t",
        MOUNT + "echo $TOKEN | docker login --password-stdin",
        MOUNT + "T=$(echo $TOKEN | base64) ./x",
        MOUNT + "env | grep -c PATH",
        MOUNT + "env FOO=1 ./x",
        MOUNT + "env > /dev/null",
        MOUNT + "printenv PATH",
        MOUNT + "test -n \"$TOKEN\" || echo 'no token'",
        "RUN --mount=type=secret,id=t cat /run/secrets/t | ./login",
        "RUN --mount=type=secret,id=t ./x < /run/secrets/t",
    ],
)
def test_what_does_not_end_in_the_build_log(line):
    assert findings("secret-printed", BASE + line + "\n") == []


# --- keys that are made ---


@pytest.mark.parametrize(
    "line",
    [
        "RUN ssh-keygen -A",
        "RUN ssh-keygen -t rsa -b 4096 -N '' -f /root/.ssh/id_rsa",
        "RUN ssh-keygen -q -N '' -f ~/.ssh/id_ed25519 && cat ~/.ssh/id_ed25519.pub >> ~/.ssh/authorized_keys",
        "RUN openssl genrsa -out /etc/key.pem 2048",
        "RUN openssl genpkey -algorithm ed25519 > /etc/key.pem",
        "RUN openssl req -x509 -newkey rsa:2048 -nodes -keyout /k.pem -out /c.pem -subj /CN=x",
        "RUN openssl ecparam -name prime256v1 -genkey -out /k.pem",
        "RUN keytool -genkeypair -keystore /ks.p12 -storepass x1 -dname CN=x",
        "RUN apt-get update && apt-get install -y openssh-server",
        "RUN dropbearkey -t rsa -f /etc/dropbear/host_key",
        "RUN gpg --batch --gen-key params",
        "RUN make-ssl-cert generate-default-snakeoil",
    ],
)
def test_a_key_that_all_containers_share(line):
    assert levels("baked-private-key", BASE + line + "\n") == ["warning"]
    assert findings("baked-private-key", f"FROM debian:13 AS b\n{line}\nFROM scratch\nCOPY --from=b /x /x\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "RUN ssh-keygen -F github.com || ssh-keyscan github.com >> /etc/ssh/ssh_known_hosts",
        "RUN ssh-keygen -y -f /k > /k.pub && ssh-keygen -lf /k.pub && ssh-keygen -R host",
        "RUN openssl req -x509 -key /etc/k.pem -out /c.pem",
        "RUN openssl dhparam -out /etc/dh.pem 2048 && openssl x509 -in /c.pem -noout && openssl rand -hex 16",
        "RUN openssl genrsa 2048 | openssl pkcs8 -topk8 -nocrypt",
        "RUN keytool -importcert -file /c.pem -keystore /ks && keytool -list",
        "RUN ssh-keygen -t rsa -N '' -f /tmp/k && ./test && rm /tmp/k /tmp/k.pub",
        "RUN openssl genrsa -out /tmp/x/key.pem 2048 && ./test && rm -rf /tmp/x",
        "RUN --mount=type=tmpfs,target=/tmp openssl genrsa -out /tmp/key.pem 2048",
        "RUN apt-get update && apt-get install -y openssh-client openssh-sftp-server",
        "RUN apt-get install -y openssh-server && rm -f /etc/ssh/ssh_host_*_key*",
        "RUN apt-get install -y openssh-server\nRUN rm /etc/ssh/ssh_host_*",
        "RUN echo ssh-keygen -A",
        "RUN gpg --batch --import key.asc && gpg --list-keys",
        'CMD ["sh", "-c", "ssh-keygen -A; exec sshd -D"]',
    ],
)
def test_no_key_of_its_own(line):
    assert findings("baked-private-key", BASE + line + "\n") == []


def test_other_systems_make_host_keys_at_the_start():
    assert findings("baked-private-key", "FROM fedora:43\nRUN dnf install -y openssh-server\n") == []


# --- mounts that the configuration asks for ---

WANTED = {"rules": {"missing-secret-mount": {"commands": {"pip": {"id": "pipconf", "target": "/etc/pip.conf"}}}}}


@pytest.mark.parametrize(
    "line",
    [
        "RUN pip install app",
        "RUN python3 -m pip install app",
        "RUN pip3 install app && pip3 install b",
        "RUN --mount=type=secret,id=other,target=/etc/pip.conf pip install app",
        "RUN --mount=type=secret,id=pipconf pip install app",
        "RUN --mount=type=cache,target=/c sh -c 'pip install app'",
    ],
)
def test_a_command_without_its_mount(line):
    found = Bench(RULES["missing-secret-mount"], options=WANTED).findings(SYNTAX + BASE + line + "\n")
    assert [each.severity for each in found] == ["warning"]


@pytest.mark.parametrize(
    "line",
    [
        "RUN --mount=type=secret,id=pipconf,target=/etc/pip.conf pip install app",
        "RUN --mount=type=secret,id=pipconf,dst=/etc/pip.conf,required pip install app",
        "RUN pipx install app && echo pip",
        'CMD ["pip", "list"]',
    ],
)
def test_a_command_with_its_mount_or_another_one(line):
    assert Bench(RULES["missing-secret-mount"], options=WANTED).findings(SYNTAX + BASE + line + "\n") == []


@pytest.mark.parametrize("commands", [{}, {"pip": "pipconf"}, {"pip": {"target": "/x"}}, {"pip": {"id": 3}}])
def test_a_table_without_sense_says_nothing(commands):
    options = {"rules": {"missing-secret-mount": {"commands": commands}}}
    assert Bench(RULES["missing-secret-mount"], options=options).findings(BASE + "RUN pip install app\n") == []
