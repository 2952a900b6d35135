"""The rules about secrets: values, command lines, files, what steps keep and print; and that no report prints one."""

import time

import pytest

from dfadvise import packs
from dfadvise.engine import Engine
from dfadvise.report import FORMATS, render
from dfadvise.results import FileResult, Report
from dfadvise.secret.content import holds_secret
from dfadvise.secret.redact import Secrets, shown_source
from dfadvise.secret.scan import scan, shown
from dfadvise.source import Source
from dfadvise.stages import Dockerfile
from dfadvise.testing import Bench, context_of

RULES = {rule.id: rule for rule in packs.load_packs()}
SECRETS = [rule for rule in RULES.values() if rule.family == "secrets"]
BASE = "FROM debian:13\n"
SYNTAX = "# syntax=docker/dockerfile:1\n"
# Put together here, so that no scanner takes this file for a leak.
ALNUM = "Zx81qLw0vN3sT6yBc9dE2fGh4jKm7pQr5uVaXb1Cn8Wk3Yz6"
HEX = "3fa9c07be1d2468f5a0b7c9e1d3f5a7b9c0e2d4f6a8b1c3d5e7f9a0b2c4d6e8f"
GITHUB = "ghp_" + ALNUM[:36]
AWS_ID = "AKIA" + "QYLPMN5HHHFPZAM2"
AWS_KEY = (ALNUM * 2)[:40]
PEM = (
    "-----BEGIN RSA "
    + "PRIVATE KEY-----\nMIIE"
    + ALNUM
    + "abcdefgh"
    + "\n"
    + ALNUM
    + "\n-----END RSA "
    + "PRIVATE KEY-----\n"
)
PASSWORD = "tr0ub4dor-3"


def findings(rule, text, root=None, **options):
    return Bench(RULES[rule], root=root, options=options).findings(text)


def severities(rule, text, **options):
    return [finding.severity for finding in findings(rule, text, **options)]


def messages(rule, text, **options):
    return [finding.message for finding in findings(rule, text, **options)]


def under(rule, text, **options):
    """The words that the findings point at."""
    source = Source(text)
    return [source.slice(finding.span) for finding in findings(rule, text, **options)]


def fixed(rule, text, root=None):
    return Bench(RULES[rule], root=root).fixed(text)


def everything(text, root=None):
    """(rule, severity) of what all rules about secrets say, without what is only shown when asked for."""
    found = Bench(*SECRETS, root=root).findings(text)
    return sorted({(each.rule, each.severity) for each in found if each.severity != "style"})


# --- values ---

TOKENS = {
    "AWS": AWS_ID,
    "GitHub": GITHUB,
    "GitHub fine-grained": "github_pat_" + (ALNUM * 2)[:22] + "_" + (ALNUM * 2)[:59],
    "GitLab": "glpat-" + ALNUM[:20],
    "npm": "npm_" + ALNUM[:36],
    "PyPI": "pypi-AgEIcHlwaS5vcmc" + (ALNUM * 2)[:60],
    "RubyGems": "rubygems_" + HEX[:48],
    "Slack": "xoxb-123456789012-1234567890123-" + ALNUM[:24],
    "Google": "AIza" + ALNUM[:35],
    "Stripe": "sk_live_" + ALNUM[:24],
    "SendGrid": "SG." + ALNUM[:22] + "." + ALNUM[:43],
    "Twilio": "SK" + HEX[:32],
    "Anthropic": "sk-ant-api03-" + (ALNUM * 2)[:93] + "AA",
    "OpenAI": "sk-proj-" + ALNUM[:40] + "T3BlbkFJ" + ALNUM[:40],
    "Hugging Face": "hf_" + "".join(char for char in ALNUM * 2 if char.isalpha())[:34],
    "Docker Hub": "dckr_pat_" + ALNUM[:27],
    "DigitalOcean": "dop_v1_" + HEX,
    "Vault": "hvs." + (ALNUM * 2)[:95],
    "Terraform Cloud": ALNUM[:14] + ".atlasv1." + (ALNUM * 2)[:67],
    "Databricks": "dapi" + HEX[:32],
    "Grafana": "glsa_" + ALNUM[:32] + "_" + HEX[:8],
    "Doppler": "dp.pt." + ALNUM[:43],
    "Pulumi": "pul-" + HEX[:40],
    "Artifactory": "AKCp" + (ALNUM * 2)[:69],
    "Azure": "abC8Q~" + ALNUM[:31],
    "JSON web token": "eyJ" + ALNUM[:20] + ".eyJ" + ALNUM[:40] + "." + ALNUM[:43],
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize(
    "line",
    [
        "ENV A={}",
        'ARG A="{}"',
        "RUN deploy --with {} now",
        "LABEL key={}",
        'CMD ["run", "{}"]',
        "# {}",
        "RUN <<E\nx={}\nE",
    ],
    ids=["ENV", "ARG", "RUN", "LABEL", "CMD", "comment", "heredoc"],
)
def test_a_token_is_found_wherever_it_stands(token, line):
    text = BASE + line.format(token) + "\n"
    assert under("secret-value", text) == [token]
    assert severities("secret-value", text) == ["error"]


@pytest.mark.parametrize(
    "line",
    [
        "ENV AWS_SECRET_ACCESS_KEY=" + AWS_KEY,
        "RUN aws configure set aws_secret_access_key " + AWS_KEY,
        'RUN echo \'{"aws_secret_access_key": "' + AWS_KEY + "\"}' > /c",
    ],
)
def test_a_key_without_a_format_is_told_by_its_name(line):
    assert under("secret-value", BASE + line + "\n") == [AWS_KEY]


@pytest.mark.parametrize(
    "text",
    [
        "COPY <<EOF /k.pem\n" + PEM + "EOF",
        'RUN echo "' + PEM.replace("\n", "\\n\\\n").strip() + '" > /k.pem',
        'ENV KEY="' + PEM.replace("\n", "\\n") + '"',
    ],
    ids=["document", "continued", "one line"],
)
def test_a_private_key_with_its_body(text):
    assert severities("secret-value", BASE + text + "\n") == ["error"]


@pytest.mark.parametrize(
    "line",
    [
        "RUN grep -q -- '-----BEGIN RSA "
        + "PRIVATE KEY-----' /etc/x && echo 'this is the key that was looked for here'",
        'RUN sed -n "/-----BEGIN ' + 'PRIVATE KEY-----/,/-----END PRIVATE KEY-----/p" all.pem > key.pem',
        "ENV KEY=AKIAIOSFODNN7EXAMPLE",
        "ENV TOKEN=ghp_" + "x" * 36,
        "ENV TOKEN=glpat-your-token-here-please",
        "ENV NODE_SHA256=" + HEX,
        "ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
        "ARG COMMIT=da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "RUN echo ${{ secrets.TOKEN }} {{ token }} %TOKEN%",
        "RUN npm_config_build_from_source_with_a_very_long_name=1 npm ci",
        "COPY --from=docker.io/library/debian:13@sha256:" + HEX + " /a /a",
        "RUN skopeo copy docker://debian:13@sha256:" + HEX + " oci:/x",
        "RUN git clone https://$USER:$PASSWORD@git.example.org/a.git",
        "RUN git clone https://git@git.example.org/a.git ssh://git@host/x",
        "RUN curl ftp://anonymous:me@ftp.example.org/a",
        "RUN echo 'postgres://<user>:<password>@host/db'",
    ],
)
def test_what_is_no_secret(line):
    assert findings("secret-value", BASE + line + "\n") == []


@pytest.mark.parametrize(
    ("url", "severity"),
    [
        ("https://ci:" + PASSWORD + "@git.example.org/a.git", "error"),
        ("https://$USER:" + PASSWORD + "@git.example.org/a.git", "error"),
        ("redis://:" + PASSWORD + "@cache:6379/0", "error"),
        ("postgres://postgres:postgres@db:5432/app", "warning"),
        ("mysql://root:password@db/app", "warning"),
        ("postgres://user:pass@localhost:5432/dummy", "style"),
    ],
)
def test_a_password_in_a_url_by_what_it_is_worth(url, severity):
    assert severities("secret-value", BASE + f"ENV DATABASE_URL={url}\n") == [severity]


def test_a_token_in_a_url_is_one_finding():
    assert under("secret-value", BASE + f"RUN git clone https://x-access-token:{GITHUB}@github.com/a/b\n") == [GITHUB]


def test_where_a_value_ends_up_is_said():
    builder = f"FROM golang:1.26 AS build\nENV TOKEN={GITHUB}\nFROM scratch\nCOPY --from=build /a /a\n"
    assert messages("secret-value", BASE + f"ENV T={GITHUB}\n") == [
        "a GitHub token (ghp_...) is in the image's configuration"
    ]
    assert messages("secret-value", BASE + f"RUN x {GITHUB}\n") == [
        "a GitHub token (ghp_...) is in the image's history"
    ]
    assert messages("secret-value", builder) == [
        "a GitHub token (ghp_...) is not in the image, but in exported caches and provenance"
    ]
    assert messages("secret-value", BASE + f"COPY <<E /x\n{GITHUB}\nE\n") == [
        "a GitHub token (ghp_...) is in a layer of the image"
    ]
    assert messages("secret-value", f"# {GITHUB}\n" + BASE) == ["a GitHub token (ghp_...) is in this file"]
    assert messages("secret-value", f"ARG T={GITHUB}\nFROM debian:13\n") == ["a GitHub token (ghp_...) is in this file"]
    assert messages("secret-value", f"ARG T={GITHUB}\nFROM debian:13\nARG T\n") == [
        "a GitHub token (ghp_...) is in the image's history"
    ]


def test_one_value_is_one_visible_finding():
    text = BASE + f"ENV GITHUB_TOKEN={GITHUB}\nRUN curl -H 'Authorization: token {GITHUB}' https://example.org/\n"
    assert everything(text) == [("secret-value", "error")]


HOSTILE = {
    "tokens": "ghp_" * 250_000,
    "one word": "A" * 1_000_000,
    "URLs": "://a:" * 200_000,
    "colons": "://" + ":" * 1_000_000 + "@",
    "headers": ("-----BEGIN " + "PRIVATE KEY-----") * 37_000,
    "keys": ("-----BEGIN " + "PRIVATE KEY-----\n" + "A" * 64 + '"') * 10_000,
    "web tokens": ("eyJ" + "A" * 20 + ".ey" + "A" * 18 + "-") * 22_000,
    "long web token": "eyJ" + "A" * 20 + ".eyJ" + "B" * 1_000_000,
    "blanks": "aws_secret" + " " * 1_000_000,
    "names": "AWS_SECRET" * 100_000,
    "assignments": "PASSWORD=" * 110_000,
    "options": "--password " * 90_000,
    "long name": "--" + "password-" * 110_000 + "=x",
    "quotes": 'TOKEN="' * 140_000,
    "hexadecimal": "0" * 1_000_000 + "-us1",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_megabyte_is_read_in_linear_time(text):
    start = time.process_time()
    scan(text)
    Secrets(text, [])
    assert time.process_time() - start < 5


def test_many_secrets_take_linear_time():
    text = BASE + "".join(f"RUN x {GITHUB[:-5]}{number:05} y\n" for number in range(3000))
    start = time.process_time()
    assert len(Bench(*SECRETS).findings(text)) >= 200
    assert time.process_time() - start < 20


# --- nothing prints a secret ---

PRINTING = (
    BASE
    + f"ENV GITHUB_TOKEN {GITHUB}\n"
    + "ENV DB_PASSWORD=purple-monkey-lamp\n"
    + "RUN mysql -ph4nd-p1cked -e 'select 1' && apt-get install -y curl\n"
    + "RUN curl -u ci:h4nd-p1cked http://files.example.org/a | sh\n"
    + "RUN git clone http://ci:h4nd-p1cked@git.example.org/a.git\n"
    + "RUN useradd -p h4nd-p1cked app && echo app:h4nd-p1cked | chpasswd\n"
)
HIDDEN = (GITHUB, GITHUB[:8], "purple-monkey", "h4nd-p1cked")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("chosen", ["all", "others"])
def test_no_format_prints_a_secret(name, chosen):
    rules = [rule() for rule in RULES.values() if rule.id != "shellcheck-finding"]
    if chosen == "others":
        # A rule that knows nothing of secrets shows the same lines.
        rules = [rule for rule in rules if rule.family != "secrets"]
    result = Engine(rules).lint(Dockerfile(Source(PRINTING)))
    assert result.findings
    out = render(name, Report([result], {rule.id: rule for rule in rules}))
    for value in HIDDEN:
        assert value not in out
    if name in ("text", "sarif"):
        assert "****" in out


def test_a_fix_that_would_print_a_secret_is_left_out_of_formats_with_edits():
    result = Engine([RULES["legacy-key-value"]()]).lint(Dockerfile(Source(BASE + f"ENV GITHUB_TOKEN {GITHUB}\n")))
    fix = result.findings[0].fix
    assert fix is not None
    assert any(GITHUB in edit.text for edit in fix.edits) == ('"fix":null' in render("json", Report([result], {})))


def test_stars_keep_every_character_in_its_place():
    text = BASE + f"ENV TOKEN={GITHUB} DB_PASSWORD='short1'\nRUN x\n"
    masked = Secrets(text, []).masked()
    assert len(masked) == len(text)
    assert f"TOKEN=ghp_{'*' * 36} DB_PASSWORD='******'\n" in masked


def test_a_rule_can_name_what_is_not_to_be_shown():
    source = Source(BASE + "RUN mysql -pabcdefgh1234\n")
    result = Engine([RULES["secret-in-command"]()]).lint(Dockerfile(source))
    assert result.findings[0].hides
    assert "abcdefgh1234" not in shown_source(result).text


@pytest.mark.parametrize(
    "line",
    [
        "ENV PASSWORD_FILE=/run/secrets/pw",
        "ENV TOKEN=$OTHER_TOKEN",
        "ENV TOKEN_TTL=36000",
        "# password: see the manual",
    ],
)
def test_what_is_no_secret_is_shown(line):
    source = Source(BASE + line + "\n")
    assert shown_source(FileResult("Dockerfile", source)) is source


def test_what_may_be_shown():
    assert shown(GITHUB) == "ghp_..."
    assert shown("short") == "..."


# --- command lines ---


@pytest.mark.parametrize(
    "command",
    [
        f"curl -u ci:{PASSWORD} https://e.org",
        f"curl -uci:{PASSWORD} https://e.org",
        f"curl --user=ci:{PASSWORD} https://e.org",
        f"curl -H 'Authorization: Bearer {PASSWORD}' https://e.org",
        f'curl -H "X-Api-Key: {PASSWORD}" https://e.org',
        f"curl --header 'PRIVATE-TOKEN: {PASSWORD}' https://e.org",
        f"curl --oauth2-bearer {PASSWORD} https://e.org",
        f"wget --http-password={PASSWORD} https://e.org",
        f"wget --header='Authorization: Basic {PASSWORD}' https://e.org",
        f"git -c http.extraheader='AUTHORIZATION: basic {PASSWORD}' clone https://e.org/a",
        f"npm config set //registry.npmjs.org/:_authToken {PASSWORD}",
        f"npm set //registry.npmjs.org/:_authToken={PASSWORD}",
        f"yarn config set npmAuthToken {PASSWORD}",
        f"poetry config http-basic.private ci {PASSWORD}",
        f"poetry config pypi-token.pypi {PASSWORD}",
        f"composer config --global http-basic.repo.example.org ci {PASSWORD}",
        f"composer config -g github-oauth.github.com {PASSWORD}",
        f"bundle config set --global gems.example.org ci:{PASSWORD}",
        f"dotnet nuget add source https://e.org -n x -u ci -p {PASSWORD} --store-password-in-clear-text",
        f"mvn deploy -Drepo.password={PASSWORD}",
        f"cargo login {PASSWORD}",
        f"twine upload -u __token__ -p {PASSWORD} dist/*",
        f"docker login -u ci -p {PASSWORD}",
        f"helm registry login e.org -u ci --password {PASSWORD}",
        f"skopeo copy --src-creds ci:{PASSWORD} docker://a oci:b",
        f"echo {PASSWORD} | docker login -u ci --password-stdin",
        f"az login --service-principal -u x -p {PASSWORD} --tenant y",
        f"doctl auth init -t {PASSWORD}",
        f"kubectl config set-credentials ci --token={PASSWORD}",
        f"vault login {PASSWORD}",
        f"mysql -uroot -p{PASSWORD} -e x",
        f"mysqldump --password={PASSWORD} db",
        f"mysqladmin -u root password '{PASSWORD}'",
        f"PGPASSWORD={PASSWORD} psql -h db",
        f"export PGPASSWORD={PASSWORD} && psql -h db",
        f"env GITHUB_TOKEN={PASSWORD} ./build",
        f"redis-cli -a {PASSWORD} ping",
        f"rabbitmqctl add_user ci {PASSWORD}",
        f"sshpass -p {PASSWORD} ssh host",
        f"openssl rsa -passin pass:{PASSWORD} -in a -out b",
        f"htpasswd -bc /etc/htpasswd ci {PASSWORD}",
        f"ssh-keygen -t rsa -N {PASSWORD} -f /k",
        f"keytool -genkeypair -storepass {PASSWORD}",
        f"sh -c 'mysql -p{PASSWORD}'",
        f"sudo -E curl -u ci:{PASSWORD} https://e.org",
        f"deploy --api-key {PASSWORD}",
        f"echo 'mysql-server mysql-server/root_password password {PASSWORD}' | debconf-set-selections",
        f"echo {PASSWORD} | vncpasswd -f > /root/.vnc/passwd",
        f"psql -c \"ALTER USER app PASSWORD '{PASSWORD}'\"",
        f"mysql -e \"CREATE USER 'app'@'%' IDENTIFIED BY '{PASSWORD}'\"",
        f"echo \"ALTER USER app PASSWORD '{PASSWORD}'\" | gosu postgres postgres --single",
        f"deploy --access-token={PASSWORD}",
        f"echo 'machine e.org login ci password {PASSWORD}' > ~/.netrc && rm ~/.netrc",
        f"printf '[db]\\npassword={PASSWORD}\\n' > /etc/app.conf",
    ],
)
def test_a_literal_on_a_command_line(command):
    text = BASE + f"RUN {command}\n"
    assert under("secret-in-command", text) == [PASSWORD]
    assert severities("secret-in-command", text) == ["error"]
    # What hides it in the reports is found too.
    assert all(finding.hides for finding in findings("secret-in-command", text))


@pytest.mark.parametrize(
    "command",
    [
        "curl -fsSL -o a https://example.org/a",
        'curl -u "$USER:$(cat /run/secrets/pw)" https://e.org',
        "curl -u ci: https://e.org",
        "curl -H 'Accept: application/vnd.github+json' -H 'X-GitHub-Api-Version: 2022-11-28' https://e.org",
        "curl -H 'Cookie: oraclelicense=accept-securebackup-cookie' https://e.org",
        "npm config set '//registry.npmjs.org/:_authToken' '${NPM_TOKEN}'",
        "npm config set registry https://registry.npmjs.org/ strict-ssl true",
        "yarn config set network-timeout 600000",
        "poetry config virtualenvs.create false",
        "composer config -g repo.packagist composer https://mirrors.example.org/composer/",
        "bundle config set --local without development:test",
        "bundle config build.nokogiri --use-system-libraries",
        "mysql -p -u root",
        "mysql -uroot --password= -e x",
        "mysqld --initialize-insecure --port=3307",
        "redis-cli ping",
        "docker login --password-stdin < /run/secrets/pw",
        "docker build --secret id=a,src=b .",
        "adduser --disabled-password --gecos '' app",
        "keytool -importcert -storepass changeit -keystore $JAVA_HOME/lib/security/cacerts",
        "openssl req -passout file:/run/secrets/pw -new",
        "openssl genrsa -passout env:PW 2048",
        "gpg --batch --passphrase '' --import key.asc",
        "ssh-keygen -t ed25519 -N '' -f /tmp/k",
        "jupyter lab --NotebookApp.token='' --NotebookApp.password=''",
        "app --token-ttl 3600 --password-file /run/secrets/pw --no-password",
        "export PASSWORD= TOKEN=$(./get-token) SECRET_PATH=/x AUTH=basic",
        "GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D gpg --recv-keys $GPG_KEY",
        "useradd -m -p '!' app",
        "echo 'password' > /etc/prompt && grep --color token file",
        "echo 'password = ${DB_PASSWORD}' > /etc/app.conf",
        'echo "auth_basic_user_file /etc/nginx/.htpasswd;" > /etc/nginx/conf.d/auth.conf',
        "psql --password -h db && pg_dump --no-password x",
        "unzip -P - a.zip",
        "az login --identity",
        "vault login -method=userpass",
        "git -c user.name=ci -c http.sslVerify=true clone https://e.org/a",
    ],
)
def test_no_credential_on_a_command_line(command):
    assert findings("secret-in-command", BASE + f"RUN {command}\n") == []


@pytest.mark.parametrize(
    ("command", "severity"),
    [
        ("mysqladmin -u root -proot create app", "warning"),
        ("htpasswd -b /p user password", "warning"),
        ("DJANGO_SECRET_KEY=dummy-for-build python manage.py collectstatic", "style"),
        ("SECRET_KEY_BASE=abcdef1234 bundle exec rails assets:precompile", "style"),
    ],
)
def test_a_literal_that_is_nobodys_secret_weighs_less(command, severity):
    assert severities("secret-in-command", BASE + f"RUN {command}\n") == [severity]


@pytest.mark.parametrize(
    "line",
    [
        f"CMD redis-server --requirepass x --admin-password {PASSWORD}",
        f'CMD ["app", "--api-token={PASSWORD}"]',
        f'ENTRYPOINT ["sh", "-c", "PGPASSWORD={PASSWORD} exec psql"]',
        f"HEALTHCHECK CMD mysqladmin ping -p{PASSWORD}",
        f"ONBUILD RUN curl -u ci:{PASSWORD} https://e.org",
    ],
)
def test_a_literal_in_what_runs_later(line):
    assert severities("secret-in-command", BASE + line + "\n") == ["error"]


def test_a_variable_at_run_time_is_where_it_belongs():
    assert findings("secret-in-command", BASE + 'ARG PW\nCMD redis-server --requirepass "$PW"\n') == []


def test_a_literal_in_a_document():
    text = BASE + f"COPY <<EOF /etc/app.properties\nuser=app\nspring.datasource.password={PASSWORD}\nEOF\n"
    assert under("secret-in-command", text) == [PASSWORD]
    assert severities("secret-in-command", text) == ["error"]


@pytest.mark.parametrize(
    "content",
    [
        "password = os.environ['DB_PASSWORD']",
        "password=${DB_PASSWORD}",
        "password: changeme",
        "password_min_length=12",
        "token = get_token(1)",
        "# password=tr0ub4dor-3",
        "max_tokens: 4096",
    ],
)
def test_no_literal_in_a_document(content):
    assert findings("secret-in-command", BASE + f"COPY <<EOF /app/settings\n{content}\nEOF\n") == []


def test_a_build_argument_in_the_url_of_an_add():
    text = BASE + "ARG PW\nADD https://ci:${PW}@e.org/a.tar.gz /a/\n"
    assert severities("secret-in-command", text) == ["warning"]
    assert findings("secret-in-command", text.replace("ci:${PW}@", "")) == []


def test_a_build_argument_is_in_the_history_and_said_once():
    text = SYNTAX + BASE + "ARG CREDS\nRUN curl -u ci:$CREDS https://e.org/a\nRUN curl -u ci:$CREDS https://e.org/b\n"
    assert severities("secret-in-command", text) == ["warning", "style"]
    assert fixed("secret-in-command", text) == (
        SYNTAX + BASE + "RUN --mount=type=secret,id=creds,env=CREDS curl -u ci:$CREDS https://e.org/a\n"
        "RUN --mount=type=secret,id=creds,env=CREDS curl -u ci:$CREDS https://e.org/b\n"
    )


@pytest.mark.parametrize(
    "steps",
    [
        'ARG CREDS\nRUN TOKEN=$CREDS && curl -H "Authorization: Bearer $TOKEN" https://e.org/',
        'ARG CREDS\nRUN curl -H "Authorization: Basic $(echo -n "ci:$CREDS" | base64)" https://e.org/',
        "ARG CREDS\nRUN pip install --index-url https://ci:${CREDS}@pypi.example.org/simple app",
    ],
)
def test_a_build_argument_on_its_way(steps):
    assert severities("secret-in-command", BASE + steps + "\n") == ["warning"]


def test_a_build_argument_of_a_builder_is_not_in_the_image():
    text = "FROM golang:1.26 AS b\nARG CREDS\nRUN curl -u ci:$CREDS https://e.org\nFROM scratch\nCOPY --from=b /a /a\n"
    assert severities("secret-in-command", text) == ["info"]


@pytest.mark.parametrize(
    "mount", ["type=secret,id=creds,env=CREDS", "type=secret,id=creds", "type=secret,id=creds,target=/etc/creds"]
)
def test_a_mounted_secret_on_a_command_line_is_fine(mount):
    value = {"type=secret,id=creds,env=CREDS": "$CREDS", "type=secret,id=creds": "$(cat /run/secrets/creds)"}
    text = BASE + f'RUN --mount={mount} curl -u "ci:{value.get(mount, "$(cat /etc/creds)")}" https://e.org/\n'
    assert everything(text) == []


def test_the_codes_of_set_up_commands_need_a_missing_mount():
    without = BASE + f"RUN aws configure set aws_access_key_id {PASSWORD}\n"
    assert "DS-0031" in findings("secret-in-command", without)[0].aliases
    mounted = BASE + f"RUN --mount=type=secret,id=x aws configure set aws_access_key_id {PASSWORD}\n"
    assert "DS-0031" not in findings("secret-in-command", mounted)[0].aliases


def test_a_password_of_an_account_is_said_by_its_own_rule():
    text = BASE + f"RUN useradd -p {PASSWORD} app\n"
    found = Bench(RULES["secret-in-command"], RULES["account-password"]).findings(text)
    assert [each.rule for each in found if each.severity != "style"] == ["account-password"]


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
    assert severities("secret-persisted", SYNTAX + BASE + head + command + "\n") == ["error"]
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
    assert severities("secret-persisted", text) == ["error"]
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
    assert severities("secret-printed", BASE + line + "\n") == ["warning"]


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
    assert severities("baked-private-key", BASE + line + "\n") == ["warning"]
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


# --- files ---


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        ("COPY id_rsa /root/.ssh/", "error"),
        ("COPY server.key server.crt /etc/ssl/", "error"),
        ("COPY .npmrc package.json ./", "warning"),
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
    assert severities("secret-file-copied", "FROM scratch AS keys\n" + BASE + line + "\n") == [severity]


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
            found = findings("secret-file-copied", text, root=root)
            assert [each.severity in ("error", "warning") for each in found] == [True]
            assert "tally:secrets-in-code" in found[0].aliases
        with context_of({name: clean}) as root:
            assert findings("secret-file-copied", text, root=root) == []


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
        assert findings("secret-file-copied", BASE + "COPY . /app\n", root=root) == []


def test_a_token_in_the_history_of_git():
    files = {".git/config": f'[remote "origin"]\n\turl = https://{GITHUB}@github.com/a/b\n', ".git/HEAD": "ref: x\n"}
    with context_of(files) as root:
        assert messages("secret-file-copied", BASE + "COPY . /app\n", root=root) == [
            "the copied folder holds .git/config (repository)"
        ]


def test_a_builder_that_gives_its_secret_away():
    build = "FROM debian:13 AS build\nCOPY id_rsa /root/.ssh/id_rsa\nRUN git clone git@e.org:a /src\n"
    text = build + "FROM debian:13-slim\nCOPY --from=build {} /x\n"
    assert severities("secret-file-copied", text.format("/root")) == ["info", "error"]
    assert severities("secret-file-copied", text.format("/src")) == ["info"]
    removed = text.replace("/src\n", "/src && rm -rf /root/.ssh\n", 1).format("/root")
    assert severities("secret-file-copied", removed) == ["info"]


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


# --- every way that a secret leaks, and the same file written correctly ---

LEAKS = {
    "ENV": (
        BASE + "ENV API_TOKEN=correct-horse-battery\n",
        BASE + 'CMD ["app"]\n',
    ),
    "ARG": (
        SYNTAX + BASE + "ARG API_TOKEN\nRUN ./fetch\n",
        SYNTAX + BASE + "RUN --mount=type=secret,id=api_token,env=API_TOKEN ./fetch\n",
    ),
    "global ARG that a stage declares": (
        f"ARG TOKEN={GITHUB}\n" + BASE + "ARG TOKEN\nRUN ./fetch\n",
        SYNTAX + BASE + "RUN --mount=type=secret,id=token,env=TOKEN ./fetch\n",
    ),
    "literal in RUN": (
        BASE + f"RUN echo 'machine e.org login ci password {PASSWORD}' > ~/.netrc && ./fetch && rm ~/.netrc\n",
        BASE + "RUN --mount=type=secret,id=netrc,target=/root/.netrc ./fetch\n",
    ),
    "literal in CMD": (
        BASE + f"CMD app --api-token {PASSWORD}\n",
        BASE + 'CMD app --api-token "$API_TOKEN"\n',
    ),
    "literal in LABEL": (
        BASE + f"LABEL deploy=https://ci:{PASSWORD}@e.org\n",
        BASE + "LABEL deploy=https://e.org\n",
    ),
    "copied and removed later": (
        BASE + "COPY id_rsa /root/.ssh/id_rsa\nRUN git clone git@e.org:a\nRUN rm /root/.ssh/id_rsa\n",
        BASE + "RUN --mount=type=ssh git clone git@e.org:a\n",
    ),
    "written in a layer": (
        BASE + 'ARG PW\nRUN echo "machine e.org password $PW" > /root/.netrc\n',
        SYNTAX + BASE + 'RUN --mount=type=secret,id=pw,env=PW echo "machine e.org password $PW" > /root/.netrc && ./x'
        " && rm /root/.netrc\n",
    ),
    "builder, cache and provenance": (
        f"FROM debian:13 AS b\nENV API_TOKEN={PASSWORD}\nRUN make\nFROM scratch\nCOPY --from=b /a /a\n",
        SYNTAX
        + "FROM debian:13 AS b\nRUN --mount=type=secret,id=t,env=API_TOKEN make\nFROM scratch\nCOPY --from=b /a /a\n",
    ),
    "taken out of a builder": (
        "FROM debian:13 AS b\nCOPY id_rsa /k/id_rsa\nFROM scratch\nCOPY --from=b /k /k\n",
        "FROM debian:13 AS b\nRUN --mount=type=ssh make\nFROM scratch\nCOPY --from=b /a /a\n",
    ),
    "secret mount that a command stores": (
        SYNTAX + BASE + "RUN --mount=type=secret,id=t,env=T npm config set //r.e.org/:_authToken $T && npm ci\n",
        SYNTAX + BASE + "RUN --mount=type=secret,id=t,env=T npm config set //r.e.org/:_authToken '${T}' && npm ci\n",
    ),
    "cache mount": (
        SYNTAX + "FROM node:22\nRUN --mount=type=cache,target=/root --mount=type=secret,id=t,env=T"
        " npm config set //r.e.org/:_authToken $T && npm ci\n",
        SYNTAX
        + "FROM node:22\nRUN --mount=type=cache,target=/root/.npm --mount=type=secret,id=npmrc,target=/root/.npmrc"
        " npm ci\n",
    ),
    "build log": (
        SYNTAX + BASE + "RUN --mount=type=secret,id=t,env=TOKEN set -x && ./fetch --token=$TOKEN\n",
        SYNTAX + BASE + "RUN --mount=type=secret,id=t,env=TOKEN ./fetch --token=$TOKEN\n",
    ),
}


@pytest.mark.parametrize("way", LEAKS)
def test_every_way_that_a_secret_leaks(way):
    leaking, correct = LEAKS[way]
    assert everything(leaking)
    assert everything(correct) == []


def test_a_long_file_is_read_in_linear_time():
    steps = "".join(
        f"ARG TOKEN{at}\nENV PASSWORD{at}=x\nRUN set -x; curl -u a:$TOKEN{at} https://e.org && env >/x{at} && rm /x\n"
        for at in range(1500)
    )
    start = time.process_time()
    Bench(*SECRETS).findings(BASE + steps)
    assert time.process_time() - start < 30


def test_a_long_step_is_read_in_linear_time():
    step = " && ".join(f'echo "password=$T{at}" > /root/.netrc{at} && rm /root/.netrc{at}' for at in range(2500))
    start = time.process_time()
    Bench(*SECRETS).findings(BASE + "ARG T1\nRUN --mount=type=secret,id=t,env=T2 " + step + "\n")
    assert time.process_time() - start < 30
