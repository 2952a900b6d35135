"""Secrets planted in files on disk, as `dfadvise lint --select all` meets them: the line, the rule and the reach.

Beside each stands the same build written correctly, of which no rule about secrets says anything.
"""

import json
import subprocess
import sys

import pytest

from secret_samples import ALNUM, BASE, GITHUB, PASSWORD, PEM, SYNTAX

HISTORY, CONFIG, LAYER = "in the image's history", "in the image's configuration", "in a layer"
CACHES = "not in the image, but in exported caches and provenance"
DOTENV = f"DB_PASSWORD={PASSWORD}\nSESSION_SECRET={ALNUM}\n"
MOUNTED = "RUN --mount=type=secret,id=t,env=API_TOKEN "
# The leaking file, the correct one, the files of the context, and what is told: (rule, line, words of the message).
WAYS = {
    "ENV, also of the stages below": (
        f"FROM debian:13 AS base\nENV API_TOKEN={PASSWORD}\nFROM base\nCMD x\n",
        "FROM debian:13 AS base\nENV LANG=C\nFROM base\nCMD x\n",
        {},
        [("secret-variable", 2, "in the image")],
    ),
    "ENV from a build argument": (
        BASE + "ARG GIVEN\nENV API_TOKEN=$GIVEN\n",
        BASE + 'CMD ["x"]\n',
        {},
        [("secret-variable", 3, "in the image")],
    ),
    "ENV with a default": (
        BASE + 'ENV DB_PASSWORD="${DB_PASSWORD:-' + PASSWORD + '}"\n',
        BASE + 'CMD ["x"]\n',
        {},
        [("secret-variable", 2, "in the image")],
    ),
    "ARG that no RUN names": (
        BASE + "ARG API_TOKEN\nRUN make\n",
        SYNTAX + BASE + MOUNTED + "make\n",
        {},
        [("secret-variable", 2, HISTORY)],
    ),
    "ARG on its way to a program": (
        SYNTAX + BASE + 'ARG CREDS\nRUN curl -H "Authorization: Bearer $CREDS" https://e.org/\n',
        SYNTAX
        + BASE
        + 'RUN --mount=type=secret,id=c,env=CREDS curl -H "Authorization: Bearer $CREDS" https://e.org/\n',
        {},
        [("secret-in-command", 4, HISTORY)],
    ),
    "a token in RUN, written and removed": (
        BASE + f"RUN echo {GITHUB} > /t && ./fetch && rm /t\n",
        SYNTAX + BASE + "RUN --mount=type=secret,id=t,target=/t ./fetch\n",
        {},
        [("secret-value", 2, HISTORY)],
    ),
    "a password in HEALTHCHECK": (
        BASE + f"HEALTHCHECK CMD redis-cli -a {PASSWORD} ping\n",
        BASE + 'HEALTHCHECK CMD redis-cli -a "$REDIS_PASSWORD" ping\n',
        {},
        [("secret-in-command", 2, CONFIG)],
    ),
    "under ONBUILD": (
        BASE + f"ONBUILD ENV DEPLOY=https://ci:{PASSWORD}@e.org\n",
        BASE + "ONBUILD ENV DEPLOY=https://e.org\n",
        {},
        [("secret-value", 2, CONFIG)],
    ),
    "a file of the context": (
        BASE + "WORKDIR /app\nCOPY .env app.py ./\n",
        BASE + "WORKDIR /app\nCOPY app.py ./\n",
        {".env": DOTENV, "app.py": ""},
        [("secret-file-copied", 3, LAYER)],
    ),
    "in a copied folder": (
        BASE + "COPY . /app\n",
        BASE + "COPY app.py /app/\n",
        {"conf/server.key": PEM, "app.py": ""},
        [("secret-file-copied", 2, "the copied folder holds conf/server.key")],
    ),
    "a document": (
        BASE + f"COPY <<EOF /root/.pgpass\ndb:5432:a:a:{PASSWORD}\nEOF\n",
        SYNTAX + BASE + "RUN --mount=type=secret,id=p,target=/root/.pgpass ./load\n",
        {},
        [("secret-file-copied", 2, LAYER)],
    ),
    "copied, removed by a later step": (
        BASE + "COPY .netrc /root/.netrc\nRUN ./fetch\nRUN rm /root/.netrc\n",
        SYNTAX + BASE + "RUN --mount=type=secret,id=n,target=/root/.netrc ./fetch\n",
        {".netrc": f"machine e.org login ci password {PASSWORD}\n"},
        [("secret-copied-then-deleted", 4, "the layer of line 2 keeps it")],
    ),
    "in a builder": (
        f"FROM debian:13 AS b\nRUN curl -u ci:{PASSWORD} https://e.org/\nFROM debian:13\nCOPY --from=b /a /a\n",
        "FROM debian:13 AS b\nRUN --mount=type=secret,id=n,target=/root/.netrc curl --netrc https://e.org/\n"
        "FROM debian:13\nCOPY --from=b /a /a\n",
        {},
        [("secret-in-command", 2, CACHES)],
    ),
    "a mounted file that is copied": (
        SYNTAX + BASE + "RUN --mount=type=secret,id=k cp /run/secrets/k /etc/app.key\n",
        SYNTAX + BASE + "RUN --mount=type=secret,id=k,target=/etc/app.key ./sign\n",
        {},
        [("secret-persisted", 3, "in a layer of the image")],
    ),
    "a clone that remembers": (
        SYNTAX
        + BASE
        + "RUN --mount=type=secret,id=g,env=GIT_TOKEN git clone https://x-access-token:$GIT_TOKEN@e.org/a /a\n",
        BASE + "RUN --mount=type=ssh git clone git@e.org:a /a\n",
        {},
        [("secret-persisted", 3, "in a layer of the image")],
    ),
    "a cache mount": (
        SYNTAX + BASE + "RUN --mount=type=cache,target=/root --mount=type=secret,id=p,env=PW"
        ' echo "machine e.org password $PW" > /root/.netrc\n',
        SYNTAX + BASE + "RUN --mount=type=cache,target=/root/.cache --mount=type=secret,id=p,target=/root/.netrc ./x\n",
        {},
        [("secret-persisted", 3, "a cache mount, which later builds see")],
    ),
    "the environment in the build log": (
        SYNTAX + BASE + MOUNTED + "env && ./fetch\n",
        SYNTAX + BASE + MOUNTED + "./fetch\n",
        {},
        [("secret-printed", 3, "to the build log")],
    ),
    "a mounted file in the build log": (
        SYNTAX + BASE + "RUN --mount=type=secret,id=t cat /run/secrets/t\n",
        SYNTAX + BASE + "RUN --mount=type=secret,id=t ./fetch --token-file /run/secrets/t\n",
        {},
        [("secret-printed", 3, "to the build log")],
    ),
}
# Of these nothing ends up anywhere.
HARMLESS = {
    "a global argument that no stage declares": "ARG API_TOKEN\nFROM debian:13\nRUN make\n",
    "a reference that npm fills in": "FROM node:22\nRUN npm config set //r.e.org/:_authToken '${NPM_TOKEN}'\n",
}


def lint(folder, text, files):
    """(rule, line, message, severity) of what all rules about secrets say of a file in its folder."""
    (folder / "Dockerfile").write_text(text)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    done = subprocess.run(
        [sys.executable, "-m", "dfadvise", "lint", "--isolated", "--select", "all", "--context", ".", "--format=json"],
        capture_output=True,
        text=True,
        cwd=folder,
        check=False,
    )
    found = json.loads(done.stdout)
    assert found["errors"] == []
    return [
        (each["rule"], each["start"]["line"], each["message"], each["severity"])
        for each in found["findings"]
        if each["family"] == "secrets"
    ]


@pytest.mark.parametrize("way", WAYS)
def test_a_planted_secret_is_found_where_it_is(tmp_path, way):
    leaking, _, files, told = WAYS[way]
    found = [each for each in lint(tmp_path, leaking, files) if each[3] != "style"]
    assert [each[:2] for each in found] == [each[:2] for each in told]
    for (_, _, message, _), (_, _, reach) in zip(found, told, strict=True):
        assert reach in message


@pytest.mark.parametrize("way", WAYS)
def test_none_is_found_in_the_same_file_written_correctly(tmp_path, way):
    _, correct, files, _ = WAYS[way]
    assert lint(tmp_path, correct, files) == []


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_ends_up_nowhere(tmp_path, text):
    assert [each for each in lint(tmp_path, text, {}) if each[3] != "style"] == []
