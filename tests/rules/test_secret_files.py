"""Files that hold secrets."""

import pytest

from dfadvise.engine import Engine
from dfadvise.secret.content import holds_secret
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from dfadvise.testing import Bench, context_of
from rule_answers import RULES, findings, fixed, levels, messages
from secret_samples import BASE, GITHUB, PASSWORD, PEM


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("COPY id_rsa /root/.ssh/", "error"),
        ("COPY server.key server.crt /etc/ssl/", "error"),
        ("COPY package.json yarn.lock .npmrc .yarnrc .", "info"),
        ("COPY .npmrc /root/.npmrc", "warning"),
        ("COPY .aws/credentials /root/.aws/credentials", "warning"),
        ("COPY .env /app/.env", "warning"),
        ("COPY config/.env.production /app/", "warning"),
        ("ADD credentials.json /app/", "warning"),
        ("COPY --from=keys /etc/app/tls.key /etc/app/tls.key", "error"),
        ("COPY config $AWS_CONFIG_FILE", "warning"),
        ("ENV GOOGLE_APPLICATION_CREDENTIALS=/app/sa.json\nCOPY sa.json /app/sa.json", "warning"),
        ("COPY sa.json /app/\nENV GOOGLE_APPLICATION_CREDENTIALS=/app/sa.json", "warning"),
        (f"COPY <<EOF /root/.netrc\nmachine e.org login ci password {PASSWORD}\nEOF", "error"),
        ("ARG NPM_TOKEN\nCOPY <<EOF /root/.npmrc\n//registry.npmjs.org/:_authToken=${NPM_TOKEN}\nEOF", "error"),
    ],
)
def test_a_secret_file_by_its_name(line, severity):
    assert levels("secret-file-copied", "FROM scratch AS keys\n" + BASE + line + "\n") == [severity]


@pytest.mark.parametrize(
    "line",
    [
        "COPY id_rsa.pub server.crt ca.pem fullchain.pem cert.pem /etc/ssl/",
        "COPY .env.example .env.sample .env.template /app/",
        "COPY . /app",
        "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/",
        "COPY --from=build /etc/ssl/cert.pem /etc/ssl/cert.pem",
        "COPY settings.py database.yml tokenizer.json /app/",
        "COPY package.json .yarnrc.yml ./",
        "ADD https://packages.example.org/repo.key /etc/apt/keyrings/repo.key",
        "RUN --mount=type=bind,source=.npmrc,target=/root/.npmrc npm ci",
        "COPY src/secrets/manager.py /app/src/secrets/",
        "COPY <<'EOF' /root/.npmrc\n//registry.npmjs.org/:_authToken=${NPM_TOKEN}\nEOF",
        "COPY <<EOF /root/.npmrc\nregistry=https://registry.example.org/\nEOF",
        "COPY <<EOF /app/.env\nPORT=3000\nDB_PASSWORD=\nEOF",
        "RUN touch /root/.netrc && cp .env.example .env",
    ],
)
def test_no_secret_file_by_its_name(line):
    assert findings("secret-file-copied", "FROM scratch AS build\n" + BASE + line + "\n") == []


CONTENTS = {
    ".npmrc": (f"//registry.npmjs.org/:_authToken={PASSWORD}\n", "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n"),
    ".yarnrc.yml": (f"npmAuthToken: {PASSWORD}\n", "nodeLinker: node-modules\nnpmAuthToken: ${NPM_TOKEN}\n"),
    ".env": (f"DB_PASSWORD={PASSWORD}\n", "PORT=3000\nDB_PASSWORD=\nTOKEN=changeme\n"),
    "pip.conf": (f"[global]\nindex-url=https://ci:{PASSWORD}@e.org/simple\n", "[global]\nindex-url=https://e.org/\n"),
    "tls.pem": (PEM, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
    ".netrc": (f"machine e.org\n  login ci\n  password {PASSWORD}\n", "# nothing here\n"),
    "nuget.config": (
        f'<add key="ClearTextPassword" value="{PASSWORD}" />',
        '<packageSources><add key="nuget" value="https://api.nuget.org/v3/index.json" /></packageSources>',
    ),
    ".docker/config.json": ('{"auths": {"e.org": {"auth": "Y2k6' + "dHIwdWI0" + '"}}}', '{"credsStore": "pass"}'),
    ".m2/settings.xml": (f"<server><password>{PASSWORD}</password></server>", "<password>${env.PW}</password>"),
    ".pypirc": (f"[pypi]\npassword = {PASSWORD}\n", "[distutils]\nindex-servers = pypi\n"),
    "auth.json": ('{"github-oauth": {"github.com": "' + GITHUB + '"}}', '{"http-basic": {}}'),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_content_decides_where_it_can_be_seen(name):
    held, clean = CONTENTS[name]
    assert holds_secret(name, held) is True
    assert holds_secret(name, clean) is False
    for text in (BASE + f"COPY {name} /app/\n", BASE + "COPY . /app\n"):
        with context_of({name: held}) as root:
            found = findings("secret-file-copied", text, root)
            assert [each.severity in ("error", "warning") for each in found] == [True]
            assert "tally:secrets-in-code" in found[0].aliases
        with context_of({name: clean}) as root:
            assert findings("secret-file-copied", text, root) == []


def test_a_file_beside_a_dockerfile_without_a_context_is_looked_at(tmp_path):
    path = tmp_path / "Dockerfile"
    path.write_text(BASE + "COPY .npmrc made-by-ci.tar ./\n")
    (tmp_path / ".npmrc").write_text("ignore-scripts=true\n")
    rule = Engine([RULES["secret-file-copied"]()])
    source = Source(path.read_text(), str(path))
    assert rule.lint(Dockerfile(source)).findings == []
    (tmp_path / ".npmrc").write_text(f"//e.org/:_authToken={PASSWORD}\n")
    assert [each.severity for each in rule.lint(Dockerfile(source)).findings] == ["error"]


def test_an_ignored_file_is_not_copied():
    files = {".env": f"DB_PASSWORD={PASSWORD}\n", ".dockerignore": ".env\n", "app.py": "x\n"}
    with context_of(files) as root:
        assert findings("secret-file-copied", BASE + "COPY . /app\n", root) == []


def test_a_token_in_the_history_of_git():
    files = {".git/config": f'[remote "origin"]\n\turl = https://{GITHUB}@github.com/a/b\n', ".git/HEAD": "ref: x\n"}
    with context_of(files) as root:
        assert messages("secret-file-copied", BASE + "COPY . /app\n", root) == [
            "the copied folder holds .git/config (repository)"
        ]


def test_a_builder_that_gives_its_secret_away():
    build = "FROM debian:13 AS build\nCOPY id_rsa /root/.ssh/id_rsa\nRUN git clone git@e.org:a /src\n"
    text = build + "FROM debian:13-slim\nCOPY --from=build {} /x\n"
    assert levels("secret-file-copied", text.format("/root")) == ["info", "error"]
    assert levels("secret-file-copied", text.format("/src")) == ["info"]
    removed = text.replace("/src\n", "/src && rm -rf /root/.ssh\n", 1).format("/root")
    assert levels("secret-file-copied", removed) == ["info"]


def test_a_stage_that_nobody_uses_is_not_looked_at():
    assert findings("secret-file-copied", "FROM debian:13 AS old\nCOPY id_rsa /k\n" + BASE) == []


NPM = "FROM node:22-slim\nWORKDIR /app\nCOPY package.json package-lock.json .npmrc ./\n"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (
            NPM + "RUN npm ci\n",
            "FROM node:22-slim\nWORKDIR /app\nCOPY package.json package-lock.json ./\n"
            "RUN --mount=type=secret,id=npmrc,target=/app/.npmrc npm ci\n",
        ),
        (
            NPM + "RUN npm ci && rm -f .npmrc && npm run build\n",
            "FROM node:22-slim\nWORKDIR /app\nCOPY package.json package-lock.json ./\n"
            "RUN --mount=type=secret,id=npmrc,target=/app/.npmrc npm ci && npm run build\n",
        ),
        (
            NPM + "RUN npm ci\nRUN rm .npmrc\n",
            "FROM node:22-slim\nWORKDIR /app\nCOPY package.json package-lock.json ./\n"
            "RUN --mount=type=secret,id=npmrc,target=/app/.npmrc npm ci\n",
        ),
        (
            "FROM node:22-slim\nWORKDIR /app\nCOPY .npmrc /root/.npmrc\nCOPY package.json ./\nUSER 1000\nRUN npm ci\n",
            "FROM node:22-slim\nWORKDIR /app\nCOPY package.json ./\nUSER 1000\n"
            "RUN --mount=type=secret,id=npmrc,target=/root/.npmrc,uid=1000 npm ci\n",
        ),
        (
            "FROM debian:13\nCOPY id_rsa /root/.ssh/id_rsa\nRUN git clone git@e.org:a /s && rm /root/.ssh/id_rsa /x\n",
            "FROM debian:13\nRUN --mount=type=secret,id=id_rsa,target=/root/.ssh/id_rsa "
            "git clone git@e.org:a /s && rm /x\n",
        ),
    ],
)
def test_a_copied_file_becomes_a_mount(text, result):
    assert fixed("secret-file-copied", text) == result
    found = findings("secret-file-copied", text)[0]
    assert "docker build --secret id=" in found.fix.title
    assert found.fix.applicability == "unsafe"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(NPM + "RUN npm ci\nRUN npm install -g x\n", id="two readers"),
        pytest.param(NPM + "RUN ./build\n", id="no reader"),
        pytest.param(NPM + 'RUN npm ci\nCMD ["cat", ".npmrc"]\n', id="read at run time"),
        pytest.param(NPM + "RUN npm ci && rm -rf /app/.n*\n", id="removed by a pattern"),
        pytest.param(NPM + "RUN chmod 600 .npmrc && npm ci\n", id="changed"),
        pytest.param("FROM debian:13\nCOPY .env /app/.env\nRUN . /app/.env && make\n", id="perhaps read at run time"),
        pytest.param("FROM node:22\nCOPY .npmrc* ./\nRUN npm ci\n", id="pattern"),
        pytest.param("FROM node:22\nWORKDIR $X\nCOPY .npmrc ./\nUSER app\nRUN npm ci\n", id="unknown user"),
        pytest.param("# syntax=docker/dockerfile:1.0\n" + NPM + "RUN npm ci\n", id="old frontend"),
    ],
)
def test_a_copied_file_that_stays(text):
    assert all(each.fix is None for each in findings("secret-file-copied", text))
    assert fixed("secret-file-copied", text) == text


@pytest.mark.parametrize(
    "text",
    [
        NPM + "RUN npm ci\nRUN rm -f .npmrc\n",
        "FROM debian:13\nCOPY keys/ /keys/\nCOPY id_rsa /root/.ssh/id_rsa\nRUN ./x\nRUN rm -rf /root/.ssh\n",
        'FROM debian:13\nARG TOKEN\nRUN echo "machine e.org password $TOKEN" > /root/.netrc\nRUN rm /root/.netrc\n',
        "FROM debian:13 AS base\nCOPY id_rsa /k\nFROM base\nRUN rm /k\n",
    ],
)
def test_a_removal_that_comes_too_late(text):
    found = findings("secret-copied-then-deleted", text)
    assert [each.severity for each in found] == ["error"]
    assert found[0].related
    both = Bench(RULES["secret-copied-then-deleted"], RULES["secret-file-copied"], RULES["secret-persisted"]).findings(
        text
    )
    assert [each.rule for each in both if each.severity != "style"] == ["secret-copied-then-deleted"]


@pytest.mark.parametrize(
    "text",
    [
        'FROM debian:13\nARG TOKEN\nRUN echo "password $TOKEN" > /root/.netrc && ./x && rm /root/.netrc\n',
        "FROM debian:13\nRUN touch /root/.netrc\nRUN rm /root/.netrc\n",
        "FROM debian:13\nRUN echo 'registry=https://e.org' > .npmrc\nRUN rm .npmrc\n",
        "FROM debian:13\nRUN wget https://e.org/repo.key\nRUN rm repo.key\n",
        "FROM debian:13 AS b\nCOPY id_rsa /k\nRUN rm /k\nFROM scratch\nCOPY --from=b /x /x\n",
    ],
)
def test_a_removal_in_time_or_of_nothing(text):
    assert findings("secret-copied-then-deleted", text) == []
