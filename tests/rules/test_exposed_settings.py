"""Passwords, ports and variables that an image gives away."""

import pytest

from rule_answers import applicability, codes, findings, fixed, levels, shown


class TestAccountPassword:
    @pytest.mark.parametrize(
        ("run", "code"),
        [
            ("echo 'root:x1' | chpasswd", "CKV2_DOCKER_17"),
            ("chpasswd < /tmp/list", "CKV2_DOCKER_17"),
            ("passwd -d root", "DKL-LI-0001"),
            ("usermod -p '' app", "DKL-LI-0001"),
            ("echo x1 | passwd --stdin root", None),
            ("useradd -p $(openssl passwd -1 x1) app", None),
        ],
    )
    def test_sets(self, run, code):
        [finding] = findings("account-password", f"FROM debian\nRUN {run}\n")
        assert finding.aliases == ((code,) if code else ())

    @pytest.mark.parametrize(
        "run",
        [
            "useradd -p '*' app",
            "usermod -p ! app",
            "passwd -l root",
            "echo 'app:*' | chpasswd -e",
            "adduser --disabled-password app",
            "mkdir -p passwd",
            "cat /etc/passwd",
        ],
    )
    def test_sets_none(self, run):
        assert findings("account-password", f"FROM debian\nRUN {run}\n") == []


class TestAdminPort:
    @pytest.mark.parametrize("port", ["22", "22/tcp", "20-25", "23", "3389", "5800", "5900", "$P", "80 22", "22/$T"])
    def test_speaks(self, port):
        assert levels("admin-port", f"FROM a\nARG P=22\nARG T=TCP\nEXPOSE {port}\n") == ["warning"]

    @pytest.mark.parametrize("port", ["22/udp", "222", "33891", "$Q", "FOO", "24-30", "22/sctp"])
    def test_says_nothing(self, port):
        assert findings("admin-port", f"FROM a\nEXPOSE {port}\n") == []

    def test_the_last_port_takes_the_instruction_along(self):
        assert fixed("admin-port", "FROM a\nEXPOSE 22\nCMD b\n") == "FROM a\nCMD b\n"
        assert fixed("admin-port", "FROM a\nEXPOSE 22 80\n") == "FROM a\nEXPOSE 80\n"


class TestDebugMode:
    @pytest.mark.parametrize(
        "pair", ["DEBUG=1", "APP_DEBUG=true", "RAILS_ENV=development", "XDEBUG_MODE=debug,develop"]
    )
    def test_speaks(self, pair):
        assert levels("debug-mode-shipped", f"FROM a\nENV {pair}\n") == ["info"]

    @pytest.mark.parametrize(
        "pair", ["DEBUG=", "DEBUG=false", "NODE_ENV=production", "VIRTUAL_ENV=dev", "XDEBUG_MODE=off", "DEBUG=$D"]
    )
    def test_says_nothing(self, pair):
        assert findings("debug-mode-shipped", f"FROM a\nENV {pair}\n") == []

    def test_an_image_for_development(self):
        assert findings("debug-mode-shipped", "FROM a AS php-dev\nENV APP_ENV=dev\n") == []


class TestHealthcheck:
    def test_chains(self):
        text = "FROM scratch AS a\nFROM a AS b\nFROM b AS c\nFROM c\nHEALTHCHECK NONE\n"
        assert findings("missing-healthcheck", text) == []

    def test_other_stages_are_only_told_to_those_who_ask(self):
        text = "FROM a AS one\nFROM a\nHEALTHCHECK CMD x\n"
        assert levels("missing-healthcheck", text) == ["style"]
        assert codes("missing-healthcheck", text) == {"DL3057"}


class TestSecretVariable:
    @pytest.mark.parametrize(
        ("line", "level"),
        [
            ("ENV DB_PASSWORD=correct-horse", "error"),
            ("ENV MYSQL_PWD 'tr0ub4dor'", "error"),
            ("ARG GITHUB_TOKEN=ghx1234", "error"),
            ("ARG GITHUB_TOKEN", "warning"),
            ("ARG NPM_TOKEN=", "warning"),
            ("ENV API_KEY=changeme", "warning"),
            ("ENV SECRET_KEY_BASE=demo-key-not-for-production", "warning"),
            ("ENV KEY=f00dbeef1234", "warning"),
            ("ENV API_TOKEN=$TOKEN_OF_CI", "style"),
            ("ENV DB_DSN=postgres://$DB_USER@db.example.org", "style"),
            # In single quotes a dollar sign is one.
            ("ENV SA_PASSWORD='envy-$taleness-Jelly-3twin'", "error"),
            ('ENV ADMIN_PASSWORD="${ADMIN_PASSWORD:-welcome1}"', "error"),
            ('ENV ADMIN_PASSWORD="${ADMIN_PASSWORD:-}"', "style"),
            ("ENV KEY=name", "style"),
            ("ENV PASSWORD=", "style"),
            ("ENV USE_PASSWORD=true", "style"),
            ("ENV SSH_KEY=/etc/ssh/key", "style"),
            ("ENV TOKEN_URL=https://a.example/token", "style"),
            ("ENV DASH_PGP_KEY=52527BEDABE87984", "style"),
            ("ARG VITE_SENTRY_DSN", "style"),
        ],
    )
    def test_levels(self, line, level):
        assert levels("secret-variable", f"FROM debian\n{line}\n") == [level]

    @pytest.mark.parametrize(
        ("lines", "wanted"),
        [
            pytest.param("ARG T\nENV API_TOKEN=$T\n", ["warning"], id="given to the build"),
            pytest.param("ARG T=ab12cd34\nENV API_TOKEN=$T\n", ["error"], id="a default"),
            pytest.param("ENV T=true\nENV API_TOKEN=$T\n", ["style"], id="a switch"),
            pytest.param("ARG TOKEN\nENV API_TOKEN=$TOKEN\n", ["warning", "style"], id="told where it is declared"),
        ],
    )
    def test_a_value_from_another_variable(self, lines, wanted):
        found = [each.severity for each in findings("secret-variable", "FROM debian\n" + lines)]
        assert found == wanted

    @pytest.mark.parametrize("line", ["ENV MONKEY=1", "ARG VERSION", "ENV PWD=/srv", "ENV COMPASS=north"])
    def test_says_nothing(self, line):
        assert shown("secret-variable", f"FROM debian\n{line}\n") == []

    def test_a_builder_keeps_it_out_of_the_image(self):
        text = "FROM a AS build\nARG TOKEN\nENV DB_PASSWORD=abc123\nFROM a\nCOPY --from=build /x /x\n"
        assert levels("secret-variable", text) == ["info", "info"]

    def test_a_global_argument_is_in_no_history(self):
        text = "ARG NPM_TOKEN\nFROM a\n"
        assert levels("secret-variable", text) == ["style"]
        assert "SecretsUsedInArgOrEnv" not in codes("secret-variable", text)
        assert "DL3064" in codes("secret-variable", text)

    def test_where_buildkit_speaks(self):
        names = "PASSWORD A_KEY_B auth_x API-KEY PUBLIC_KEY KEY_FILE tokens"
        text = "FROM scratch\n" + "".join(f"ENV {name}=\n" for name in names.split())
        spoken = [f for f in findings("secret-variable", text) if "SecretsUsedInArgOrEnv" in f.aliases]
        assert [text[f.span.start : f.span.end] for f in spoken] == ["PASSWORD=", "A_KEY_B=", "auth_x="]

    def test_a_trigger_is_told_where_it_runs(self):
        text = "FROM scratch AS a\nONBUILD ARG TOKEN\nFROM a\n"
        spoken = [f for f in findings("secret-variable", text) if "SecretsUsedInArgOrEnv" in f.aliases]
        assert [text[: f.span.start].count("\n") for f in spoken] == [2]

    @pytest.mark.parametrize(
        "text",
        [
            "FROM a\nARG TOKEN\nRUN fetch $TOKEN\n",
            "# syntax=docker/dockerfile:1.9\nFROM a\nARG TOKEN\nRUN fetch $TOKEN\n",
            "# syntax=docker/dockerfile:1\nFROM a\nARG TOKEN\nENV X=$TOKEN\nRUN fetch $TOKEN\n",
            "# syntax=docker/dockerfile:1\nFROM a AS b\nARG TOKEN\nRUN fetch $TOKEN\nFROM b\nRUN fetch ${TOKEN}\n",
            "# syntax=docker/dockerfile:1\nFROM a\nARG TOKEN\nRUN npm ci\n",
            "# syntax=docker/dockerfile:1\nARG TOKEN\nFROM a\nARG TOKEN\nRUN fetch $TOKEN\n",
        ],
        ids=["frontend", "old frontend", "used elsewhere", "used in a child", "not named", "global"],
    )
    def test_no_mount_where_it_would_not_do(self, text):
        kinds = applicability("secret-variable", text)
        assert kinds
        assert not any(kinds)

    def test_rails_takes_a_stand_in(self):
        text = "FROM ruby:3.4\nENV SECRET_KEY_BASE=abc123def456\nRUN bundle exec rails assets:precompile\n"
        assert (
            fixed("secret-variable", text)
            == "FROM ruby:3.4\nRUN SECRET_KEY_BASE_DUMMY=1 bundle exec rails assets:precompile\n"
        )
