"""No file is too odd: all rules look at it, and mend it, without a mistake."""

import pytest

from dfadvise.testing import Bench
from rule_answers import RULES

SETTINGS = {
    "label-schema-violation": {"label-schema": {"a": "url"}, "strict-labels": True},
    "untrusted-registry": {"trusted-registries": ["docker.io"]},
    "missing-secret-mount": {"commands": {"pip": {"id": "x", "target": "/x"}}},
}
# shellcheck, where it is installed, is a process a RUN.
ALL = Bench(*(rule for rule in RULES.values() if rule.id != "shellcheck-finding"), options={"rules": SETTINGS})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "FROM",
        "FROM \\",
        "FROM a AS",
        "FROM $",
        "FROM ${",
        "FROM --platform= a",
        "FROM a AS a\nFROM a AS a\nFROM a",
        "FROM a AS b\nCOPY --from=b / /\nRUN --mount=type=cache,from=b,target=/x x\nFROM b AS b\nCOPY --from=1 / /\n",
        "FROM\nCOPY\nRUN\nARG\nENV\n",
        "FROM\nCOPY --from=0 a b\n",
        "FROM golang:1.26 AS\nRUN go build -o\nCOPY --from= a\nCMD [\n",
        "FROM :\nFROM a@\nFROM /\nFROM ${\nCOPY --from=@ a b\nRUN --mount=from=,target= x\n",
        "FROM scratch AS s\nCOPY --chown=: a\nUSER :\nWORKDIR $\nCOPY --from=s \"\" ''\n",
        "FROM ${X\nCOPY ${Y . .\nRUN <<EOF\nnpm ci\n",
        "COPY",
        "COPY a",
        "COPY '' ''",
        "COPY [] []",
        "COPY --chmod=, a b",
        "COPY <<EOF /x\n",
        "COPY --from=x a b\nRUN curl x\nUSER app\n",
        "ADD '",
        "ONBUILD",
        "ONBUILD ONBUILD",
        "ONBUILD ONBUILD ENV A=~",
        "ONBUILD ONBUILD RUN apt-get update\n",
        'ONBUILD\nONBUILD RUN\nONBUILD COPY x\nADD ["a"]\nCOPY [] \nRUN []\n',
        "ENV",
        "ENV =",
        "ENV A",
        "ENV PATH",
        'ENV PATH=\nENV PATH="\n',
        "ENV a ${b:?}\nLABEL ${x} ${",
        "LABEL =x",
        'LABEL a="\n',
        "ARG",
        "EXPOSE",
        "EXPOSE /",
        "EXPOSE :",
        "CMD [",
        "CMD [,",
        "CMD [']",
        "CMD []",
        'CMD [""]',
        'CMD ["sh", "-c"]',
        'CMD ["sh", "-c", ""]',
        "ENTRYPOINT []",
        "VOLUME []",
        "WORKDIR",
        "WORKDIR ''",
        "STOPSIGNAL",
        "USER\nCOPY . .",
        "HEALTHCHECK --interval=. CMD a",
        "MAINTAINER \\\n# x\n\n",
        "# syntax=",
        "# syntax=\n# syntax = :",
        "# syntax=@\nFROM a",
        "RUN",
        "RUN [",
        "RUN --mount=",
        "RUN --mount=type=",
        "RUN --mount= npm ci\nRUN --mount=type=cache npm ci\nRUN --mount=type=cache,target= x\n",
        "RUN <<A <<B\nA\nB\n",
        "RUN a \\\n",
        "RUN 'a \\\n #\n",
        "RUN apt-get\n",
        "RUN apt-get -o\n",
        'RUN []\nRUN ["apt-get"]\n',
        "RUN $X install $Y && ${A}pt-get update\n",
        "RUN <<EOF cat && apt-get update\nx\nEOF\n",
        "RUN pip install \\\n",
        "RUN find . -exec pip install {} \\;\n",
        "RUN npm ci\nCOPY . .\nRUN pip install x\n",
        "ARG COMMIT\nRUN if true; then npm ci; fi; (cd /a && pip install -r r.txt)\n",
        "FROM a\n\udcff\ud800 x # y\n",
    ],
)
@pytest.mark.parametrize("frame", ["{}", "FROM debian:12\nUSER x\n{}", "{}\nFROM debian:12\n", "FROM a\n{}"])
def test_odd_files_raise_nothing(text, frame):
    text = frame.replace("{}", text)
    ALL.findings(text)
    ALL.fixed(text)
