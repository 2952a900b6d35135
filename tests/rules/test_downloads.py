"""Downloads: their status, their noise, hosts that are gone."""

import pytest

from rule_answers import codes, findings, fixed, shown, shown_levels

# --- unchecked-http-status ---

UNCHECKED = {
    "saved by name": "RUN curl -sSLO https://example.com/a.tgz",
    "saved in a bundle": "RUN curl -sSLo a.tgz https://example.com/a.tgz",
    "redirected": "RUN curl -L https://example.com/a > /usr/local/bin/a",
    "piped to a shell": "RUN curl -sL https://example.com/a.sh | bash -",
    "piped to tar": "RUN curl -L https://example.com/a.tgz | tar xz -C /opt",
    "handed over": 'RUN bash -c "$(curl -sSL https://example.com/a.sh)"',
    "a value": "RUN V=$(curl -s https://example.com/latest) && echo $V > /version",
    "no scheme": "RUN curl -o a example.com/a",
    "only a variable": "ARG URL\nRUN curl -L $URL -o a",
    "the url by option": "RUN curl -L --url https://example.com/a -o a",
    "in a heredoc": "RUN <<EOF\nset -e\ncurl -LO https://example.com/a\nEOF",
    "behind sudo": "RUN sudo curl -L -o /a https://example.com/a",
    "exec form": 'RUN ["curl", "-L", "-o", "/a", "https://example.com/a"]',
    "retries do not look at it": "RUN curl -L --retry 5 -o a https://example.com/a",
    "what is not --fail": "RUN curl -L --fail-early -o a https://example.com/a",
}


@pytest.mark.parametrize("text", UNCHECKED.values(), ids=UNCHECKED.keys())
def test_status_is_not_looked_at(text):
    assert shown_levels("unchecked-http-status", f"FROM debian:13\n{text}\n") == ["warning"]


CHECKED = {
    "-f": "RUN curl -f -L -o a https://example.com/a",
    "in a bundle": "RUN curl -fsSL https://example.com/a.sh | sh",
    "last in a bundle": "RUN curl -sSLf https://example.com/a -o a",
    "--fail": "RUN curl --fail -L https://example.com/a -o a",
    "--fail-with-body": "RUN curl --fail-with-body -L https://example.com/a -o a",
    "the status is written": "RUN curl -sL -w '%{http_code}' https://example.com/a -o a",
    "the head alone": "RUN curl -sI https://example.com/a | grep -i etag",
    "the head with it": "RUN curl -si https://example.com/a | head -1",
    "nobody keeps it": "RUN curl -s https://example.com/ping",
    "nobody keeps it at all": "RUN curl -sL https://example.com/ping > /dev/null && curl -o /dev/null https://a.io",
    "verified": "RUN curl -LO https://example.com/a && echo 'abc  a' | sha256sum -c",
    "signed": "RUN curl -LO https://example.com/a && curl -LO https://example.com/a.asc && gpg --verify a.asc a",
    "options in a variable": "ARG CURL_OPTS\nRUN curl $CURL_OPTS -L -o a https://example.com/a",
    "a variable beside a url": "ARG EXTRA\nRUN curl $EXTRA -L -o a https://example.com/a",
    "settings from a file": "RUN curl -K /curl.cfg -o a https://example.com/a",
    "settings that are written": "RUN echo fail > /root/.curlrc\nRUN curl -L -o a https://example.com/a",
    "settings that are copied": "COPY .curlrc /root/\nRUN curl -L -o a https://example.com/a",
    "no web server": "RUN curl -o a ftp://example.com/a && curl -o b file:///b",
    "a question": "RUN curl --version | head -1",
    "only a word": "RUN echo curl -o a https://example.com/a > /usage",
    "wget fails by itself": "RUN wget -O a https://example.com/a",
    "not while building": "HEALTHCHECK CMD curl -s http://localhost/ | grep ok",
}


@pytest.mark.parametrize("text", CHECKED.values(), ids=CHECKED.keys())
def test_status_is_looked_at_or_does_not_matter(text):
    assert shown_levels("unchecked-http-status", f"FROM debian:13\n{text}\n") == []


def test_a_redirect_that_nobody_follows():
    text = "FROM debian:13\nRUN curl -fO https://github.com/a/b/archive/v1.tar.gz\n"
    (finding,) = findings("unchecked-http-status", text)
    assert "github.com" in finding.message
    assert finding.aliases == ("tally:curl-should-follow-redirects",)
    assert "curl -L -fO" in fixed("unchecked-http-status", text)


def test_other_hosts_that_may_redirect_are_for_those_who_ask():
    text = "FROM debian:13\nRUN curl -fO https://example.com/a\n"
    assert [each.severity for each in findings("unchecked-http-status", text)] == ["style"]


def test_both_are_mended_at_once():
    text = "FROM debian:13\nRUN curl -o a.tgz https://github.com/a/b/releases/download/v1/a.tgz\n"
    result = fixed("unchecked-http-status", text)
    assert "RUN curl -f -L -o a.tgz" in result
    assert shown("unchecked-http-status", result) == []


def test_what_sends_something_gets_no_fix():
    for options in ("-X POST", "-d a=b", "-T file", "-F a=@b"):
        text = f"FROM debian:13\nRUN curl {options} -L https://example.com/a -o a\n"
        (finding,) = shown("unchecked-http-status", text)
        assert finding.fix is None
    text = "FROM debian:13\nRUN curl -LX GET https://example.com/a -o a\n"
    assert shown("unchecked-http-status", text)[0].fix is not None


# --- noisy-download ---

NOISY = {
    "plain": "FROM debian:13\nRUN wget https://example.com/a\n",
    "to a file": "FROM debian:13\nRUN wget -O a https://example.com/a\n",
    "busybox": "FROM alpine:3.22\nRUN wget https://example.com/a\n",
    "behind a shell": "FROM debian:13\nRUN sh -c 'wget https://example.com/a'\n",
    "no clobber is not quiet": "FROM debian:13\nRUN wget -nc https://example.com/a\n",
}


@pytest.mark.parametrize("text", NOISY.values(), ids=NOISY.keys())
def test_noisy(text):
    assert codes("noisy-download", text) == {"DL3047"}


QUIET = {
    "-q": "RUN wget -q https://example.com/a",
    "in a bundle": "RUN wget -qO- https://example.com/a | sh",
    "at the end": "RUN wget https://example.com/a -nv",
    "-nv in a bundle": "RUN wget -nvc https://example.com/a",
    "a log": "RUN wget -o/tmp/log https://example.com/a && wget --append-output=/tmp/log https://example.com/b",
    "dots": "RUN wget --progress=dot:giga https://example.com/a",
    "installed only": "RUN apt-get update && apt-get install -y wget",
    "asked only": "RUN wget --help | head",
}


@pytest.mark.parametrize("text", QUIET.values(), ids=QUIET.keys())
def test_quiet(text):
    assert findings("noisy-download", f"FROM debian:13\n{text}\n") == []


def test_only_gnu_wget_gets_the_option():
    assert "wget -nv -O a" in fixed("noisy-download", "FROM ubuntu:24.04\nRUN wget -O a b.io/a\n", unsafe=False)
    for base in ("alpine:3.22", "busybox:1.37", "registry.example.com/base:1", "golang:1.26-alpine"):
        text = f"FROM {base}\nRUN wget -O a b.io/a\n"
        assert fixed("noisy-download", text) == text
    text = "FROM debian:13\nCOPY --from=busybox:uclibc /bin/busybox /bin/wget\nRUN wget -O a b.io/a\n"
    assert fixed("noisy-download", text) == text


POWERSHELL = 'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell", "-Command"{}]\nRUN {}\n'


def test_powershell():
    plain = "Invoke-WebRequest https://example.com/a.zip -OutFile a.zip; Expand-Archive a.zip"
    code = {"tally:powershell/progress-preference"}
    assert codes("noisy-download", POWERSHELL.format("", plain)) == code
    assert codes("noisy-download", POWERSHELL.format(", \"$ProgressPreference = 'SilentlyContinue';\"", plain)) == set()
    quiet = "$ProgressPreference = 'SilentlyContinue'; " + plain
    assert codes("noisy-download", POWERSHELL.format("", quiet)) == set()
    assert codes("noisy-download", POWERSHELL.format("", "Write-Host 'Invoke-WebRequest'")) == set()
    cmd = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN powershell -Command {}\n"
    assert codes("noisy-download", cmd.format("Invoke-WebRequest a.io/b -OutFile b")) == code


# --- dead-download-host ---

DEAD = {
    "keyserver": "RUN gpg --keyserver hkps://hkps.pool.sks-keyservers.net --recv-keys 1",
    "keyserver with =": "RUN gpg --keyserver=pool.sks-keyservers.net --recv-keys 1",
    "apt-key": "RUN apt-key adv --keyserver hkp://p80.pool.sks-keyservers.net:80 --recv-keys 1",
    "in a loop": "RUN for k in 1 2; do gpg --keyserver pool.sks-keyservers.net --recv-keys $k; done",
    "bintray": "RUN curl -fsSLO https://dl.bintray.com/a/b.tgz",
    "jcenter": "ADD https://jcenter.bintray.com/a/b.jar /",
    "kubernetes": "RUN echo 'deb http://apt.kubernetes.io/ kubernetes-xenial main' | tee /etc/apt/sources.list.d/k",
    "kubernetes at Google": (
        "RUN echo 'deb [signed-by=/k] https://packages.cloud.google.com/apt kubernetes-xenial main'"
        " > /etc/apt/sources.list.d/k.list"
    ),
    "by add-apt-repository": "RUN add-apt-repository 'deb http://apt.kubernetes.io/ kubernetes-xenial main'",
    "an old suite": "RUN echo 'deb http://deb.debian.org/debian stretch main' >> /etc/apt/sources.list",
    "its security": "RUN echo 'deb http://security.debian.org/ jessie/updates main' >> /etc/apt/sources.list",
    "its sources": (
        "COPY <<EOF /etc/apt/sources.list.d/b.sources\nURIs: http://deb.debian.org/debian\nSuites: buster\nEOF"
    ),
    "an old package": "RUN wget http://ftp.us.debian.org/debian/dists/jessie/Release",
    "centos": (
        "RUN printf '[base]\\nmirrorlist=http://mirrorlist.centos.org/?release=7&arch=x86_64&repo=os\\n'"
        " > /etc/yum.repos.d/b.repo"
    ),
    "git": "RUN git clone git://github.com/a/b.git",
    "git by pip": "RUN pip install git+git://github.com/a/b.git",
    "maven": "RUN wget http://repo1.maven.org/maven2/a/b/1/b-1.jar",
    "a heredoc": "RUN <<EOF\ncurl -O https://dl.bintray.com/a\nEOF",
}


@pytest.mark.parametrize("text", DEAD.values(), ids=DEAD.keys())
def test_dead(text):
    assert shown_levels("dead-download-host", f"FROM debian:12\n{text}\n") == ["error"]


ALIVE = {
    "another keyserver": "RUN gpg --keyserver keyserver.ubuntu.com --recv-keys 1",
    "a suite that is there": "RUN echo 'deb http://deb.debian.org/debian bookworm main' > /etc/apt/sources.list",
    "the archive": "RUN echo 'deb http://archive.debian.org/debian stretch main' > /etc/apt/sources.list",
    "sent to the archive": (
        "RUN echo 'deb http://deb.debian.org/debian stretch-backports main' > /etc/apt/sources.list.d/b.list && "
        "sed -i s/deb.debian.org/archive.debian.org/ /etc/apt/sources.list.d/b.list"
    ),
    "another repository at Google": (
        "RUN echo 'deb https://packages.cloud.google.com/apt cloud-sdk main' > /etc/apt/sources.list.d/g.list"
    ),
    "taken out": "RUN sed -i 's/mirrorlist.centos.org/vault.centos.org/; /dl.bintray.com/d' /etc/yum.repos.d/*.repo",
    "a comment": "# RUN curl -O https://dl.bintray.com/a",
    "a commented repository": "RUN echo '# deb http://apt.kubernetes.io/ kubernetes-x main' > /etc/apt/sources.list",
    "only a word": "RUN echo https://dl.bintray.com/a > /README",
    "another git": "RUN git clone git://git.example.com/a.git && git clone https://github.com/a/b.git",
    "git that goes elsewhere": (
        "RUN git config --global url.https://github.com/.insteadOf git://github.com/ && git clone git://github.com/a/b"
    ),
    "npm knows better": "RUN npm install git://github.com/a/b.git",
    "maven over https": "RUN curl -fO https://repo1.maven.org/maven2/a/b/1/b-1.jar",
    "an unknown host": "ARG HOST\nRUN gpg --keyserver $HOST --recv-keys 1 && curl -fO https://$HOST/bintray.com",
}


@pytest.mark.parametrize("text", ALIVE.values(), ids=ALIVE.keys())
def test_alive(text):
    assert shown("dead-download-host", f"FROM debian:12\n{text}\n") == []


TRIED = {
    "another one is tried": "RUN gpg --keyserver pool.sks-keyservers.net --recv-keys 1 || gpg --recv-keys 1",
    "until one works": (
        "RUN for s in 1 2; do gpg --keyserver pool.sks-keyservers.net --recv-keys 1 && break; sleep 1; done"
    ),
    "in a branch": 'RUN if [ -n "$A" ]; then curl -fO https://dl.bintray.com/a; fi',
}


@pytest.mark.parametrize("text", TRIED.values(), ids=TRIED.keys())
def test_a_dead_host_that_need_not_answer_is_a_warning(text):
    assert shown_levels("dead-download-host", f"FROM debian:12\n{text}\n") == ["warning"]


SUCCESSORS = {
    "keyserver": (
        "RUN gpg --keyserver hkp://p80.pool.sks-keyservers.net:80 --recv-keys 1",
        "RUN gpg --keyserver hkp://keyserver.ubuntu.com:80 --recv-keys 1",
    ),
    "git": ("RUN git clone git://github.com/a/b.git", "RUN git clone https://github.com/a/b.git"),
    "git by pip": ("RUN pip install git+git://github.com/a/b", "RUN pip install git+https://github.com/a/b"),
    "maven": ("ADD http://repo1.maven.org/a.jar /", "ADD https://repo1.maven.org/a.jar /"),
    "debian": (
        'RUN echo "deb http://deb.debian.org/debian stretch main" > /etc/apt/sources.list',
        'RUN echo "deb http://archive.debian.org/debian stretch main" > /etc/apt/sources.list',
    ),
    "its security": (
        "RUN cat > /etc/apt/sources.list <<E\ndeb http://security.debian.org/ jessie/updates main\nE",
        "RUN cat > /etc/apt/sources.list <<E\ndeb http://archive.debian.org/debian-security/ jessie/updates main\nE",
    ),
}


@pytest.mark.parametrize(("text", "expected"), SUCCESSORS.values(), ids=SUCCESSORS.keys())
def test_successor(text, expected):
    assert fixed("dead-download-host", f"FROM debian:12\n{text}\n") == f"FROM debian:12\n{expected}\n"


def test_a_line_among_others_is_the_one_that_changes():
    body = "deb http://deb.debian.org/debian bookworm main\ndeb http://deb.debian.org/debian {} main\nEOF\n"
    text = "FROM debian:12\nRUN cat > /etc/apt/sources.list <<EOF\n" + body
    result = fixed("dead-download-host", text.format("buster"))
    assert result == text.format("buster").replace("deb.debian.org/debian buster", "archive.debian.org/debian buster")


def test_no_successor_no_fix():
    text = "FROM debian:12\nRUN curl -fO https://dl.bintray.com/a\n"
    assert fixed("dead-download-host", text) == text
