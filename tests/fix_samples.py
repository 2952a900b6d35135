"""Dockerfiles that tests/engine/test_fixes_engine.py builds before and after `dfadvise fix`, with their contexts.

The shapes are met in public repositories (a MAINTAINER and old ENVs, an npm service, a wallet that is downloaded and
unpacked ...); bases and packages are those that a Debian made by debootstrap can have.
"""

from typing import NamedTuple


class Sample(NamedTuple):
    """A Dockerfile, and what is known of its fixes.

    text: The Dockerfile.
    files: The context, as {path: text or bytes}.
    fixes: The rules whose safe fixes apply, with a blank between.
    gone: Patterns of paths that the safe fixes keep out of the image: their declared waste.
    options: More arguments of `docker build`.
    """

    text: str
    files: dict[str, str | bytes] = {}
    fixes: str = ""
    gone: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


LISTS = ("/var/lib/apt/lists/*",)
PACKAGE = '{"name":"web","version":"1.0.0","main":"server.js","dependencies":{"left-pad":"1.3.0"}}\n'
LOCK = """{
  "name": "web", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
  "packages": {
    "": {"name": "web", "version": "1.0.0", "dependencies": {"left-pad": "1.3.0"}},
    "node_modules/left-pad": {
      "version": "1.3.0",
      "resolved": "https://registry.npmjs.org/left-pad/-/left-pad-1.3.0.tgz",
      "integrity": "sha512-XI5MPzVNApjAyhQzphX8BkmKsKUxD4LdyK24iZeQGinBN9yTQT3bFlCBy/aVx2HrNcqQGsdot8ghrjyrvMCoEA=="
    }
  }
}
"""
SERVER = "console.log(require('left-pad')('x', 3, '.'))\n"

SAMPLES = {
    "old-metadata": Sample(
        """\
FROM debian:12
MAINTAINER Jess <jess@example.com>
ENV APP_HOME /opt/app
ENV GREETING hello   world
ENV QUOTED "two words"
ENV SINGLE 'a "b" c'
ENV BACK a\\ b\\$c
LABEL vendor "Example Inc."
LABEL plain some words here
WORKDIR $APP_HOME
COPY run.sh .
EXPOSE 8080/TCP
CMD echo "$GREETING|$QUOTED|$SINGLE|$BACK|$APP_HOME"
""",
        {"run.sh": "#!/bin/sh\necho run\n"},
        "deprecated-maintainer legacy-key-value",
    ),
    "flask": Sample(
        """\
FROM python:3.13-slim-bookworm

# permissions and nonroot user for tightened security
RUN adduser --disabled-password --gecos '' nonroot
RUN mkdir /home/app/ && chown -R nonroot:nonroot /home/app
RUN mkdir -p /var/log/flask-app && touch /var/log/flask-app/flask-app.err.log
RUN chown -R nonroot:nonroot /var/log/flask-app
WORKDIR /home/app

# copy all the files to the container
COPY --chown=nonroot:nonroot . .
RUN pip install -r requirements.txt
USER nonroot

EXPOSE 5000

CMD ["python", "app.py"]""",
        {"app.py": "import itsdangerous, os\nprint(os.getuid(), os.getcwd())\n", "requirements.txt": "itsdangerous\n"},
        "unmerged-run package-cache-left untidy-whitespace",
    ),
    "express": Sample(
        """\
FROM node:22-bookworm-slim
WORKDIR /usr/src/app
COPY . .
RUN npm install
EXPOSE 3000
CMD npm start --silent
""",
        {
            "package.json": PACKAGE.replace('"main"', '"scripts":{"start":"node server.js"},"main"'),
            "package-lock.json": LOCK,
            "server.js": SERVER,
            "README.md": "read me\n",
        },
        "package-cache-left",
        ("/root/.npm/*",),
    ),
    "split-update": Sample(
        """\
FROM debian:12
RUN apt-get update
RUN apt-get install -y less
ENV PAGER=less
CMD less --version | head -1
""",
        fixes="stale-package-index package-cache-left",
        gone=LISTS,
    ),
    "apt-and-sudo": Sample(
        """\
FROM debian:12
RUN apt-get update && apt-get install -y sudo && rm -rf /var/lib/apt/lists/*
RUN sudo apt-get update && sudo apt install less
RUN sudo mkdir -p /srv/www && sudo chown daemon /srv/www
CMD ["ls", "-ld", "--time-style=+", "/srv/www"]
""",
        fixes="sudo-command apt-command interactive-command package-cache-left",
        gone=LISTS,
    ),
    "wallet": Sample(
        """\
# runtime stage
FROM debian:12

ENV FILE=hello_2.10.orig.tar.gz
ENV FILE_CHECKSUM=31e066137a962676e89f69d1b65382de95a7ef7d914b8cb956f41ea72e0f516b

SHELL ["/bin/bash", "-o", "pipefail", "-c"]

RUN apt-get update \\
    && apt-get -y --no-install-recommends install ca-certificates wget \\
    && rm -rf /var/lib/apt/lists/*

# Download the archive and verify it against the hard-coded checksum
RUN wget -O $FILE http://deb.debian.org/debian/pool/main/h/hello/$FILE && \\
    echo "$FILE_CHECKSUM $FILE" | sha256sum -c -

# Extract and set permissions
RUN mkdir -p extracted && \\
    tar -zxf $FILE -C /extracted && \\
    find /extracted/ -name 'hello.1' -print0 | xargs -0 mv -t /usr/local/bin/ && \\
    rm -rf extracted && rm $FILE

COPY ./scripts /scripts/
RUN find /scripts/ -type f -print0 | xargs -0 chmod a+x

RUN adduser --system --group --disabled-password monero && \\
\tmkdir -p /wallet /home/monero/.bitmonero && \\
\tchown -R monero:monero /home/monero/.bitmonero && \\
\tchown -R monero:monero /wallet

VOLUME /home/monero/.bitmonero
VOLUME /wallet

EXPOSE 18080
EXPOSE 18081
USER monero
HEALTHCHECK --interval=5s --timeout=3s CMD test -e /scripts/notify.sh || exit 1
CMD /scripts/notify.sh $(wc -c < /usr/local/bin/hello.1)
""",
        {"scripts/notify.sh": '#!/bin/sh\nid -un; echo "$@"\n'},
        "noisy-download late-cleanup",
    ),
    "archive-left": Sample(
        """\
FROM debian:12
RUN apt-get update && apt-get install -y --no-install-recommends wget && rm -rf /var/lib/apt/lists/*
RUN mkdir -p /opt/hello && wget -q http://deb.debian.org/debian/pool/main/h/hello/hello_2.10.orig.tar.gz \\
    -O /tmp/hello.tar.gz && tar -xzf /tmp/hello.tar.gz -C /opt/hello --strip-components=1
CMD head -3 /opt/hello/README
""",
        fixes="archive-left",
        gone=("/tmp/hello.tar.gz",),
    ),
    "numbered-stages": Sample(
        """\
FROM debian:12 AS base
RUN touch /1
ENV LOCAL=/1
RUN find $LOCAL
RUN touch hello

FROM base
RUN find $LOCAL
RUN touch /2
ENV LOCAL2=/2
RUN find $LOCAL2
# so we don't end up skipping stage: 0
COPY --from=0 hello .

FROM base as Last
RUN find $LOCAL
# so we don't end up skipping stage: 1
COPY --from=1 hello .
COPY --from=1 /2 /two
CMD ls / | grep -E '^(1|2|hello|two)$'
""",
        fixes="numbered-stage-reference inconsistent-case",
    ),
    "platforms": Sample(
        """\
FROM --platform=$BUILDPLATFORM python:3.13-slim-bookworm AS base
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt

FROM --platform=$BUILDPLATFORM base AS build
COPY . .
RUN python make.py > /app/site.html

FROM --platform=$TARGETPLATFORM debian:12
COPY --from=build /app/site.html /usr/share/html/index.html
CMD ["cat", "/usr/share/html/index.html"]
""",
        {"requirements.txt": "itsdangerous\n", "make.py": "import itsdangerous\nprint('<p>made</p>')\n"},
        "redundant-platform",
    ),
    "overridden": Sample(
        """\
FROM debian:12

ARG HELM_VERSION=4.2.4
LABEL version="${HELM_VERSION}"
LABEL maintainer="one@example.com"
LABEL maintainer="two@example.com"
ENV MODE=build
ENV MODE=run
HEALTHCHECK CMD true
ENTRYPOINT ["/bin/false"]
CMD ["a"]
HEALTHCHECK NONE
ENTRYPOINT ["/bin/echo"]
CMD ["b"]
""",
        fixes="overridden-instruction",
    ),
    "blank-continuations": Sample(
        """\
FROM debian:12
ENV DEBIAN_FRONTEND=noninteractive

COPY requirements.txt requirements.txt

RUN APT_INSTALL="apt-get install -y --no-install-recommends" && \\

    rm -rf /var/lib/apt/lists/* \\
           /etc/apt/sources.list.d/cuda.list && \\

# ==================================================================
# tools
# ------------------------------------------------------------------

    mkdir -p /opt/tools \\
        && \\

    echo "$APT_INSTALL" > /opt/tools/install && \\

# ==================================================================
# config & cleanup
# ------------------------------------------------------------------

    ldconfig && rm -rf /tmp/* ~/*
EXPOSE 6006
CMD cat /opt/tools/install
""",
        {"requirements.txt": "x\n"},
        "empty-continuation",
    ),
    "untidy": Sample(
        "FROM debian:12   \r\n\r\n\r\n\r\nworkdir /srv\r\nCOPY a.sh   .\r\n"
        "run mkdir -p /srv/data /srv/logs && chmod 750 /srv/data && echo 'a  b' > /srv/data/blanks && "
        "echo started > /srv/logs/log && chown daemon /srv/logs && ln -s /srv/data /data  \r\n"
        "# dfadvise: ignore[cache-order]\r\nRUN echo second\r\n\r\n\r\nCmd cat /data/blanks",
        {"a.sh": "echo a\n"},
        "untidy-whitespace inconsistent-case unreadable-run unused-suppression",
    ),
    "cache-mounts": Sample(
        """\
# This dockerfile builds an editable install.
#
# Not suitable for production use.
ARG PYTHON_VERSION=3.13
FROM docker.io/library/python:${PYTHON_VERSION}-slim-bookworm

RUN \\
   --mount=type=cache,target=/var/cache/apt,sharing=locked \\
   --mount=type=cache,target=/var/lib/apt,sharing=locked \\
 apt-get update -qq && apt-get install -yqq \\
    less \\
    && rm -rf /var/lib/apt/lists/*
COPY synapse /editable-src/synapse/
COPY pyproject.toml README.rst /editable-src/
RUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir itsdangerous
RUN cd /editable-src && python -m compileall -q synapse
CMD ["python", "-c", "import itsdangerous, sys; sys.path.insert(0, '/editable-src'); import synapse; print('ok')"]
""",
        {"synapse/__init__.py": "", "pyproject.toml": "", "README.rst": "read\n"},
        "defeated-cache-mount",
    ),
    "shared-caches": Sample(
        """\
FROM debian:12 AS compile-image
ENV PYTHONUNBUFFERED TRUE

RUN --mount=type=cache,id=apt-dev,target=/var/cache/apt \\
    apt-get update && \\
    DEBIAN_FRONTEND=noninteractive apt-get install --no-install-recommends -y \\
        less \\
    && rm -rf /var/lib/apt/lists/*
FROM debian:12
COPY --from=compile-image /usr/bin/less /opt/less
CMD ["/opt/less", "--version"]
""",
        fixes="unsafe-cache-sharing legacy-key-value",
    ),
    "cache-of-a-user": Sample(
        """\
FROM python:3.13-slim-bookworm
RUN useradd --create-home --uid 10001 app
USER app
WORKDIR /home/app
RUN --mount=type=cache,target=/home/app/.cache/pip pip install --user itsdangerous
CMD ["python", "-c", "import itsdangerous; print(itsdangerous.__file__)"]
""",
        fixes="useless-cache-mount",
    ),
    "open-secret": Sample(
        """\
FROM debian:12
RUN useradd --uid 10001 app
USER app
RUN --mount=type=secret,id=token,uid=10001,mode=0444 wc -c < /run/secrets/token > /tmp/length
CMD ["cat", "/tmp/length"]
""",
        {"token.txt": "s3cret", ".dockerignore": "token.txt\n"},
        "loose-secret-mode",
        options=("--secret", "id=token,src={folder}/token.txt"),
    ),
    "large-user-id": Sample(
        """\
FROM debian:12
RUN groupadd -g 200000 app && useradd --create-home -g app -u 200000 app
USER app
CMD ["id"]
""",
        fixes="sparse-lastlog",
    ),
    "add": Sample(
        """\
FROM debian:12
ARG CONF=app.conf
ADD $CONF /etc/app/
ADD server.py /srv/server.py
ADD ["static", "/srv/static"]
ADD --chown=daemon:daemon data /srv/data
ADD bundle.tar.gz /srv/bundle/
CMD find /srv /etc/app -type f | sort
""",
        {
            "app.conf": "a=1\n",
            "server.py": "print(1)\n",
            "static/a.css": "a{}\n",
            "static/b/c.css": "c{}\n",
            "data/x": "x\n",
            "bundle.tar.gz": b"",
        },
        "add-for-local-file",
    ),
    "no-slash": Sample(
        """\
FROM node:22-bookworm-slim
WORKDIR /app
COPY package.json package-lock.json /app
RUN npm ci && npm cache clean --force
COPY server.js .
CMD ["node", "server.js"]
""",
        {"package.json": PACKAGE, "package-lock.json": LOCK, "server.js": SERVER},
        "missing-destination-slash",
    ),
    "gems": Sample(
        """\
FROM debian:12
RUN apt-get update && apt-get install -y --no-install-recommends ruby && rm -rf /var/lib/apt/lists/*
WORKDIR /gem
COPY . .
RUN gem build hi.gemspec
RUN gem install hi-1.0.0.gem
CMD ["ruby", "-rhi", "-e", "puts Hi.new.say"]
""",
        {
            "hi.gemspec": "Gem::Specification.new do |s|\n  s.name = 'hi'\n  s.version = '1.0.0'\n"
            "  s.summary = 'hi'\n  s.authors = ['a']\n  s.files = ['lib/hi.rb']\nend\n",
            "lib/hi.rb": "# Says hi.\nclass Hi\n  # How.\n  def say\n    'hi'\n  end\nend\n",
        },
        "package-extras-shipped",
        ("/var/lib/gems/*/doc/*",),
    ),
    "small-steps": Sample(
        """\
FROM debian:12
RUN mkdir /data
# the service's own
RUN chown 1000:1000 /data

RUN ln -s /data /srv/data
ENV A=b
RUN umask 077; echo secret > /data/key
RUN cd /data && echo x > y
RUN echo z > /z; false || true
COPY --chmod=755 run.sh /usr/local/bin/run
CMD ["run"]
""",
        {"run.sh": "#!/bin/sh\nstat -c '%n %a %u' /data /data/* /srv/data /z\n"},
        "unmerged-run",
    ),
    "builder": Sample(
        """\
FROM python:3.13-slim-bookworm AS build
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt .
RUN pip install -r requirements.txt

FROM python:3.13-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH
ENV PYTHONDONTWRITEBYTECODE 1
COPY --from=build /opt/venv /opt/venv
COPY . /app
RUN useradd -r app
RUN chown -R app /app
RUN mkdir /data && chown app /data
WORKDIR /app
USER app
ENTRYPOINT python main.py
""",
        {
            "requirements.txt": "itsdangerous\n",
            "main.py": "import itsdangerous, pathlib\npathlib.Path('/data/x').write_text('y')\n"
            "print(pathlib.Path(__file__).owner(), pathlib.Path('/data/x').read_text())\n",
        },
        "legacy-key-value unmerged-run",
    ),
    "dev-dependencies": Sample(
        """\
FROM node:22-bookworm-slim
ENV NODE_ENV production
RUN mkdir -p /home/node/app
WORKDIR /home/node/app
COPY package*.json ./
RUN npm install
COPY . .
RUN rm -rf test
RUN cat server.js | tr a-z a-z > copy.js
EXPOSE 8080
CMD [ "npm", "run", "--silent", "start" ]
""",
        {
            "package.json": PACKAGE.replace('"main"', '"scripts":{"start":"node copy.js"},"main"'),
            "package-lock.json": LOCK,
            "server.js": SERVER,
            "test/a.js": "// " + "x" * 300_000,
        },
        "legacy-key-value package-cache-left",
        ("/root/.npm/*",),
    ),
    "temporary-copy": Sample(
        """\
FROM debian:12
COPY installer.sh /tmp/installer.sh
COPY data.bin /tmp/data.bin
RUN sh /tmp/installer.sh /opt/tool
RUN rm -f /tmp/installer.sh /tmp/data.bin
RUN cd /opt/tool
VOLUME /opt/tool/state
RUN echo "two" > /opt/tool/two
ENV TOOL /opt/tool
ENTRYPOINT exec cat $TOOL/one $TOOL/two
""",
        {
            "installer.sh": 'mkdir -p "$1" && wc -c < /tmp/data.bin > "$1/one"\n',
            "data.bin": "z" * 500_000,
        },
        "legacy-key-value",
    ),
}
