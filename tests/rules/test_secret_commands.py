"""Credentials on command lines."""

import pytest

from dfadvise.testing import Bench
from rule_answers import RULES, findings, fixed, levels, under
from secret_samples import BASE, PASSWORD, SYNTAX, told


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
    assert levels("secret-in-command", text) == ["error"]
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
    assert levels("secret-in-command", BASE + f"RUN {command}\n") == [severity]


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
    assert levels("secret-in-command", BASE + line + "\n") == ["error"]


def test_a_variable_at_run_time_is_where_it_belongs():
    assert findings("secret-in-command", BASE + 'ARG PW\nCMD redis-server --requirepass "$PW"\n') == []


def test_a_literal_in_a_document():
    text = BASE + f"COPY <<EOF /etc/app.properties\nuser=app\nspring.datasource.password={PASSWORD}\nEOF\n"
    assert under("secret-in-command", text) == [PASSWORD]
    assert levels("secret-in-command", text) == ["error"]


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
    assert levels("secret-in-command", text) == ["warning"]
    assert findings("secret-in-command", text.replace("ci:${PW}@", "")) == []


def test_a_build_argument_is_in_the_history_and_said_once():
    text = SYNTAX + BASE + "ARG CREDS\nRUN curl -u ci:$CREDS https://e.org/a\nRUN curl -u ci:$CREDS https://e.org/b\n"
    assert levels("secret-in-command", text) == ["warning", "style"]
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
    assert levels("secret-in-command", BASE + steps + "\n") == ["warning"]


def test_a_build_argument_of_a_builder_is_not_in_the_image():
    text = "FROM golang:1.26 AS b\nARG CREDS\nRUN curl -u ci:$CREDS https://e.org\nFROM scratch\nCOPY --from=b /a /a\n"
    assert levels("secret-in-command", text) == ["info"]


@pytest.mark.parametrize(
    "mount", ["type=secret,id=creds,env=CREDS", "type=secret,id=creds", "type=secret,id=creds,target=/etc/creds"]
)
def test_a_mounted_secret_on_a_command_line_is_fine(mount):
    value = {"type=secret,id=creds,env=CREDS": "$CREDS", "type=secret,id=creds": "$(cat /run/secrets/creds)"}
    text = BASE + f'RUN --mount={mount} curl -u "ci:{value.get(mount, "$(cat /etc/creds)")}" https://e.org/\n'
    assert told(text) == []


def test_the_codes_of_set_up_commands_need_a_missing_mount():
    without = BASE + f"RUN aws configure set aws_access_key_id {PASSWORD}\n"
    assert "DS-0031" in findings("secret-in-command", without)[0].aliases
    mounted = BASE + f"RUN --mount=type=secret,id=x aws configure set aws_access_key_id {PASSWORD}\n"
    assert "DS-0031" not in findings("secret-in-command", mounted)[0].aliases


def test_a_password_of_an_account_is_said_by_its_own_rule():
    text = BASE + f"RUN useradd -p {PASSWORD} app\n"
    found = Bench(RULES["secret-in-command"], RULES["account-password"]).findings(text)
    assert [each.rule for each in found if each.severity != "style"] == ["account-password"]
