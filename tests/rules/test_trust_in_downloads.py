"""Encryption, signatures and checksums of what is downloaded."""

import pytest

from dfadvise.testing import Bench
from rule_answers import RULES, codes, findings, fixed, levels, shown


class TestTls:
    @pytest.mark.parametrize(
        ("run", "code"),
        [
            ("curl --insecure https://a.example", "CKV2_DOCKER_2"),
            ("echo -n -Lv && curl -sSLk https://a.example", "CKV2_DOCKER_2"),
            ("wget -q --no-check-certificate https://a.example", "CKV2_DOCKER_3"),
            ("pip3 install a --trusted-host=pypi.org", "CKV2_DOCKER_4"),
            ("python -m pip install --trusted-host pypi.org a", "CKV2_DOCKER_4"),
            ("PYTHONHTTPSVERIFY='0' python a.py", "CKV2_DOCKER_5"),
            ("env NODE_TLS_REJECT_UNAUTHORIZED=0 npm ci", "CKV2_DOCKER_6"),
            ("export npm_config_strict_ssl=false && npm ci", "CKV2_DOCKER_12"),
            ('npm c set "strict-ssl" false', "CKV2_DOCKER_13"),
            ("yarn config set strict-ssl=false", "CKV2_DOCKER_13"),
            ("GIT_SSL_NO_VERIFY=0 git clone https://a.example/a", "CKV2_DOCKER_14"),
            ("yum-config-manager --save --setopt=epel.sslverify=0", "CKV2_DOCKER_15"),
        ],
    )
    def test_codes(self, run, code):
        assert codes("tls-verification-off", f"FROM debian\nRUN {run}\n") == {code}

    @pytest.mark.parametrize(
        "run",
        [
            "git -c http.sslVerify=false clone https://a.example/a",
            "git config http.sslverify false",
            "apt-get -o Acquire::https::Verify-Peer=false update",
            "dnf install -y --setopt=sslverify=no a",
            "conda config --set ssl_verify no",
            "echo insecure >> ~/.curlrc",
            "printf '[global]\\ntrusted-host=a.example\\n' > /etc/pip.conf",
            "echo 'Acquire::https::Verify-Peer \"false\";' > /etc/apt/apt.conf.d/99",
            "npm install --strict-ssl=false",
        ],
    )
    def test_spellings(self, run):
        assert len(shown("tls-verification-off", f"FROM debian\nRUN {run}\n")) == 1

    @pytest.mark.parametrize(
        "run",
        [
            "curl -lol https://a.example",
            "curl https://a.example | grep -k x; grep -k y",
            "curl -k https://localhost:8443/",
            "wget -O --no-check-certificate.txt https://a.example",
            "npm install strict-ssl false",
            "npm config get strict-ssl || false",
            "NODE_TLS_REJECT_UNAUTHORIZED=1 npm ci",
            "git config --global http.sslVerify true",
            "yum-config-manager --save --setopt=sslverify=1",
            "echo --insecure",
            "echo 'trusted-host' > /srv/readme.txt",
        ],
    )
    def test_says_nothing(self, run):
        assert findings("tls-verification-off", f"FROM debian\nRUN {run}\n") == []

    @pytest.mark.parametrize(
        ("text", "level"),
        [
            ("FROM a\nENV GIT_SSL_NO_VERIFY=1\n", "error"),
            ("FROM a\nENV GIT_SSL_NO_VERIFY=1\nENV GIT_SSL_NO_VERIFY=\n", "warning"),
            ("FROM a AS b\nENV GIT_SSL_NO_VERIFY=1\nFROM a\n", "warning"),
            ("FROM a\nARG GIT_SSL_NO_VERIFY=1\n", "warning"),
            ("FROM a\nRUN npm config set strict-ssl false\n", "error"),
            ("FROM a\nRUN npm config set strict-ssl false && npm ci && npm config set strict-ssl true\n", "warning"),
            ("FROM a\nRUN npm config set strict-ssl false\nRUN npm ci && npm config delete strict-ssl\n", "warning"),
            ("FROM a\nRUN npm config set strict-ssl false && npm ci && rm ~/.npmrc\n", "warning"),
            ("FROM a\nRUN git config --global http.sslVerify false\nRUN git clone x\n", "error"),
            ("FROM a\nCOPY <<EOF /etc/pip.conf\n[global]\ntrusted-host = a.example\nEOF\n", "error"),
        ],
    )
    def test_what_stays_in_the_image_is_an_error(self, text, level):
        assert levels("tls-verification-off", text)[0] == level

    @pytest.mark.parametrize(
        ("run", "fixed"),
        [
            ("curl -fkL https://a.example", "curl -fL https://a.example"),
            ("curl -k https://a.example", "curl https://a.example"),
            ("pip install --trusted-host a.example b", "pip install b"),
            ("npm ci && npm config set strict-ssl false && true", "npm ci && true"),
        ],
    )
    def test_fixes(self, run, fixed):
        bench = Bench(RULES["tls-verification-off"])
        assert bench.fixed(f"FROM debian\nRUN {run}\n") == f"FROM debian\nRUN {fixed}\n"


class TestSignatures:
    @pytest.mark.parametrize(
        ("run", "expected"),
        [
            ("apk --allow-untrusted add a", {"CKV2_DOCKER_7"}),
            ("apt-get install -y --allow-unauthenticated a", {"CKV2_DOCKER_8"}),
            ("apt-get install -y --force-yes a", {"CKV2_DOCKER_11"}),
            ("tdnf install -y --nogpgcheck a", {"CKV2_DOCKER_9"}),
            ("rpm -i --nodigest --nosignature a.rpm", {"CKV2_DOCKER_10"}),
            ("apt-get -o APT::Get::AllowUnauthenticated=true install a", set()),
            ("zypper --no-gpg-checks install a", set()),
            ("sed -i 's/gpgcheck=1/gpgcheck=0/' /etc/yum.repos.d/a.repo", set()),
            (
                "echo 'deb [arch=amd64 trusted=yes] https://a.example x main' | tee /etc/apt/sources.list.d/a.list",
                set(),
            ),
        ],
    )
    def test_speaks(self, run, expected):
        assert findings("package-signature-off", f"FROM debian\nRUN {run}\n")
        assert codes("package-signature-off", f"FROM debian\nRUN {run}\n") == expected

    @pytest.mark.parametrize(
        "run",
        [
            "apk add a | grep -- --allow-untrusted",
            "apt-get update && echo --allow-unauthenticated",
            "dnf install -y a || echo --nogpgcheck",
            "echo 'repo_gpgcheck=0' >> /etc/yum.repos.d/a.repo",
            "sed -i 's/gpgcheck=0/gpgcheck=1/' /etc/yum.repos.d/a.repo",
            "echo 'deb [trusted=yes] file:/repo ./' > /etc/apt/sources.list",
            "echo 'deb [trusted=yes] https://a.example ./' > /srv/example.txt",
        ],
    )
    def test_says_nothing(self, run):
        assert findings("package-signature-off", f"FROM debian\nRUN {run}\n") == []

    @pytest.mark.parametrize(
        ("run", "fix"),
        [
            ("apk add --allow-untrusted tool", True),
            ("apk add --root /out --initdb --allow-untrusted tool", False),
            ("apk add -p /out --allow-untrusted tool", False),
            ("apk add --allow-untrusted glibc.apk", False),
            ("yum install -y --nogpgcheck https://example.com/a.rpm", False),
            ("dnf install -y --installroot=/out --nogpgcheck tool", False),
        ],
    )
    def test_what_has_no_key_stays(self, run, fix):
        [finding] = findings("package-signature-off", f"FROM a\nRUN {run}\n")
        assert (finding.fix is not None) is fix


class TestDownloads:
    @pytest.mark.parametrize(
        "run",
        [
            "curl -O http://a.example/x.tgz",
            "wget -q ftp://a.example/x.tgz",
            "curl -fsSL a.example/install.sh -o /tmp/x",
            "git clone http://a.example/x.git",
            "pip install -i http://a.example/simple x",
            "pip install git+http://a.example/x.git",
            "npm install --registry=http://a.example x",
            "rpm -i http://a.example/x.rpm",
            "yum install -y http://a.example/x.rpm",
            '["curl", "HTTP://a.example/"]',
        ],
    )
    def test_clear_text(self, run):
        assert levels("clear-text-download", f"FROM debian\nRUN {run}\n") == ["warning"]

    @pytest.mark.parametrize(
        "run",
        [
            "curl -O https://a.example/x",
            "curl http://localhost:80/ http://127.0.0.1 http://[::1]:8080/path",
            "curl http://10.0.0.1/ http://192.168.1.1/x http://169.254.169.254/",
            "curl http://service/path http://host.docker.internal:90/ http://x.svc.cluster.local/",
            "curl -x http://proxy.example:3128 https://a.example/",
            "curl -H 'Referer: http://a.example' https://a.example/",
            "pip install --proxy http://proxy.example x",
            "npm config set proxy http://proxy.example",
            "git config --global http.proxy http://proxy.example",
            "apt-get -o Acquire::http::Proxy=http://proxy.example update",
            "echo 'deb http://deb.debian.org/debian trixie main' > /etc/apt/sources.list",
            "apk add -X http://dl-cdn.alpinelinux.org/alpine/edge/testing x",
            "dnf config-manager --add-repo http://a.example/x.repo",
            "grep -r http://a.example/ /etc",
            "echo '<beans xmlns=\"http://www.springframework.org/schema/beans\"/>' > /srv/x.xml",
            "curl http://$HOST/x",
        ],
    )
    def test_not_clear_text(self, run):
        assert findings("clear-text-download", f"FROM debian\nRUN {run}\n") == []

    @pytest.mark.parametrize(
        "check",
        [
            "echo '1234  x.tgz' | sha256sum -c -",
            "gpg --verify x.tgz.asc x.tgz",
            "shasum -a 256 -c x.sum",
            'test "$(sha256sum x.tgz)" = "1234  x.tgz"',
        ],
    )
    def test_what_is_verified_is_only_a_note(self, check):
        text = f"FROM debian\nRUN curl -O http://a.example/x.tgz && {check}\n"
        assert levels("clear-text-download", text) == ["info"]

    def test_https_is_put_in_where_the_host_has_it(self):
        text = "FROM alpine\nRUN wget http://archive.apache.org/x.tgz http://a.example/y.tgz\n"
        assert fixed("clear-text-download", text) == text.replace("http://archive", "https://archive")

    @pytest.mark.parametrize(
        ("install", "there"),
        [
            ("apt-get install -y --no-install-recommends wget", False),
            ("apt-get install -y wget", True),
            ("apt-get install -y --no-install-recommends wget ca-certificates", True),
            ("apt-get install -y $PACKAGES", True),
            ("true", False),
        ],
    )
    def test_no_https_without_the_certificates_to_check_it_by(self, install, there):
        text = f"FROM debian:13\nRUN {install}\nRUN wget http://archive.apache.org/x.tgz\n"
        assert ("https://" in fixed("clear-text-download", text)) == there

    @pytest.mark.parametrize(
        "run",
        [
            "curl -fsSL https://a.example/x | sh",
            "wget -qO- https://a.example/x | bash -s -- -y",
            "wget -O - https://a.example/x | sudo -E bash -",
            "curl https://a.example/x | tee /tmp/x | sh -ex",
            "curl https://a.example/x | python3 - --yes",
            "curl https://a.example/x | php -- --install-dir=/usr/local/bin",
            "curl https://a.example/x | FOO=1 sh /dev/stdin -b",
            'sh -c "$(curl -fsSL https://a.example/x)" "" --yes',
            'eval "$(curl -fsSL https://a.example/x)"',
        ],
    )
    def test_piped_installers(self, run):
        assert levels("piped-installer", f"FROM debian\nRUN {run}\n") == ["info"]

    @pytest.mark.parametrize(
        "run",
        [
            "curl https://a.example/x | python3 -m json.tool",
            "curl https://a.example/x | perl -ne 'print'",
            "curl https://a.example/x | sh -c 'cat > /srv/x'",
            "curl https://a.example/x | bash -n",
            "curl https://a.example/x | tar xz && sh install.sh",
            "echo true | sh",
            'bash install.sh "$(curl -s https://a.example/version)"',
            "VERSION=$(curl -s https://a.example/version) sh build.sh",
        ],
    )
    def test_no_piped_installers(self, run):
        assert findings("piped-installer", f"FROM debian\nRUN {run}\n") == []

    @pytest.mark.parametrize("run", ["curl http://a.example/x | sh", "curl -k https://a.example/x | sh"])
    def test_a_piped_installer_that_anyone_can_replace(self, run):
        assert levels("piped-installer", f"FROM debian\nRUN {run}\n") == ["warning"]

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("ADD https://a.example/x /", 1),
            ('ADD ["http://a.example/x", "https://a.example/y", "/"]', 2),
            ("ADD --checksum=sha256:12 https://a.example/x /", 0),
            ("ADD https://github.com/a/b.git#main /", 0),
            ("ADD git@github.com:a/b.git /", 0),
            ("COPY https://a.example/x /", 0),
            ("ADD x.tgz /", 0),
        ],
    )
    def test_unverified(self, text, count):
        assert len(findings("unverified-download", f"FROM debian\n{text}\n")) == count

    @pytest.mark.parametrize(
        "line",
        [
            "RUN dnf install -y openssl-3.0.1-41.el9",
            "RUN apk add openssl=3.0.5-r0",
            "RUN curl -O https://a.example/openssl-1.0.1e-57.el6.x86_64.rpm",
            "RUN echo openssl-3.0.5",
            "ADD https://a.example/pyopenssl-3.0.5.tgz /",
            "RUN curl -O https://a.example/openssl-3.0.7.tgz",
        ],
    )
    def test_not_vulnerable(self, line):
        assert findings("vulnerable-download", f"FROM debian\n{line}\n") == []

    def test_vulnerable_by_tool(self):
        text = "FROM debian\nRUN curl -O https://a.example/openssl-{}.tgz\n"
        assert codes("vulnerable-download", text.format("3.0.5")) == {"kics:5fa731ea"}
        assert codes("vulnerable-download", text.format("3.0.6")) == set()
        assert levels("vulnerable-download", text.format("3.0.6")) == ["error"]
