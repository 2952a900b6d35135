"""Every way that a secret leaks, and the same file written correctly."""

import pytest

from dfadvise.source import Source
from dfadvise.testing import Bench
from secret_samples import BASE, GITHUB, PASSWORD, SECRETS, SYNTAX, told

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


# Where each is told, and what the message says of its reach.
TOLD = {
    "ENV": [(2, "in the image")],
    "ARG": [(3, "in the image's history")],
    "global ARG that a stage declares": [(1, "in the image's history"), (3, "in the image's history")],
    "literal in RUN": [(2, "in the image's history")],
    "literal in CMD": [(2, "in the image's configuration")],
    "literal in LABEL": [(2, "in the image's configuration")],
    "copied and removed later": [(4, "the layer of line 2 keeps it")],
    "written in a layer": [(3, "in a layer of the image")],
    "builder, cache and provenance": [(2, "not in the image, but in exported caches and provenance")],
    "taken out of a builder": [(2, "not of the image, but of exported caches"), (4, "the copied folder holds")],
    "secret mount that a command stores": [(3, "in a layer of the image")],
    "cache mount": [(3, "in a cache mount, which later builds see")],
    "build log": [(3, "to the build log")],
}


@pytest.mark.parametrize("way", LEAKS)
def test_every_way_that_a_secret_leaks(way):
    leaking, correct = LEAKS[way]
    source = Source(leaking)
    found = [
        (source.position(each.span.start)[0], each.message)
        for each in Bench(*SECRETS).findings(leaking)
        if each.severity != "style"
    ]
    assert [line for line, _ in found] == [line for line, _ in TOLD[way]]
    for (_, message), (_, reach) in zip(found, TOLD[way], strict=True):
        assert reach in message
    assert told(correct) == []
