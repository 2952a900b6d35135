"""Which line of a Dockerfile made which layer."""

from __future__ import annotations

import pytest

from dfadvise.report.image import as_text
from image_samples import layer

DOCKERFILE = """\
ARG BASE=debian:12
FROM $BASE AS build
RUN echo built > /out.txt

FROM $BASE
ARG DIR=/opt/app
ENV APP=/srv
WORKDIR /app
COPY a.bin sub/ ./
COPY --chown=1000 package.json $DIR/
COPY --from=build /out.txt $APP/
RUN set -ex; \\
    mkdir -p /d && \\
    # a comment
    cp a /b
RUN ["touch", "/exec form"]
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN echo | cat
RUN <<EOF
echo one
echo two
EOF
COPY <<'FILE' /etc/x
content
FILE
RUN cat <<A > /x
text
A
CMD ["sleep", "1"]
"""
LINES = [None, 8, 9, 10, 11, 12, 16, 18, 19, 23, 26]
BUILDKIT = [
    ("/bin/sh -c #(nop) ADD file:aa in / ", True),
    ('/bin/sh -c #(nop)  CMD ["bash"]', False),
    ("ARG DIR=/opt/app", False),
    ("ENV APP=/srv", False),
    ("WORKDIR /app", True),
    ("COPY a.bin sub/ ./ # buildkit", True),
    ("COPY --chown=1000 package.json /opt/app/ # buildkit", True),
    ("COPY /out.txt /srv/ # buildkit", True),
    ("RUN |1 DIR=/opt/app /bin/sh -c set -ex;     mkdir -p /d &&     cp a /b # buildkit", True),
    ("RUN |1 DIR=/opt/app touch /exec form # buildkit", True),
    ("SHELL [/bin/bash -o pipefail -c]", False),
    ("RUN |1 DIR=/opt/app /bin/bash -o pipefail -c echo | cat # buildkit", True),
    ("RUN |1 DIR=/opt/app /bin/bash -o pipefail -c echo one\necho two\n # buildkit", True),
    ("COPY <<FILE /etc/x # buildkit", True),
    ("RUN |1 DIR=/opt/app /bin/bash -o pipefail -c cat <<A > /x\ntext\nA # buildkit", True),
    ('CMD ["sleep" "1"]', False),
]
CLASSIC = [
    ("/bin/sh -c #(nop) ADD file:aa in / ", True),
    ('/bin/sh -c #(nop)  CMD ["bash"]', False),
    ("/bin/sh -c #(nop) WORKDIR /app", True),
    ("/bin/sh -c #(nop) COPY multi:fe0b in ./ ", True),
    ("/bin/sh -c #(nop) COPY file:f267 in /opt/app/ ", True),
    ("/bin/sh -c #(nop) COPY file:692f in /srv/ ", True),
    ("|1 DIR=/opt/app /bin/sh -c set -ex;     mkdir -p /d &&     cp a /b", True),
    ("|1 DIR=/opt/app touch /exec form", True),
    ("/bin/bash -o pipefail -c #(nop)  SHELL [/bin/bash -o pipefail -c]", False),
    ("|1 DIR=/opt/app /bin/bash -o pipefail -c echo | cat", True),
]


def from_history(analysed, steps, dockerfile):
    made = [layer((f"f{number}", "x")) for number, (_, makes) in enumerate(steps) if makes]
    history = [{"created_by": text, "empty_layer": not makes} for text, makes in steps]
    return analysed(*made, history=history, dockerfile=dockerfile)


@pytest.mark.parametrize("steps", [pytest.param(BUILDKIT, id="buildkit"), pytest.param(CLASSIC, id="classic")])
def test_layers_are_mapped_to_lines(analysed, steps):
    text = DOCKERFILE if steps is BUILDKIT else DOCKERFILE[: DOCKERFILE.index("RUN <<EOF")]
    analysis = from_history(analysed, steps, text)
    assert [each.line for each in analysis.layers] == LINES[: len(analysis.layers)]
    assert [each.base for each in analysis.layers] == [True] + [False] * (len(analysis.layers) - 1)
    assert analysis.notes == []
    assert analysis.base_known == "dockerfile"


def test_a_changed_instruction_keeps_its_place_and_is_told(analysed):
    text = DOCKERFILE.replace("echo | cat", "echo | tac")
    analysis = from_history(analysed, BUILDKIT, text)
    assert [each.line for each in analysis.layers] == LINES
    assert analysis.notes == ["1 instruction of Dockerfile read otherwise in the history: line 18"]


def test_a_new_instruction_made_no_layer(analysed):
    text = DOCKERFILE.replace("RUN echo | cat\n", "RUN echo | cat\nRUN another\n")
    analysis = from_history(analysed, BUILDKIT, text)
    assert [each.line for each in analysis.layers] == [line + (line > 18) if line else None for line in LINES]
    assert analysis.notes == ["1 instruction of Dockerfile made no layer of the image: line 19"]


def test_the_stage_that_was_built_is_found(analysed):
    text = "FROM a AS one\nRUN first\nRUN second\nFROM one AS two\nRUN third\nFROM b\nRUN other\n"
    steps = [("base", True), ("RUN /bin/sh -c first # buildkit", True), ("RUN /bin/sh -c second # buildkit", True)]
    assert [each.line for each in from_history(analysed, steps, text).layers] == [None, 2, 3]
    steps.append(("RUN /bin/sh -c third # buildkit", True))
    assert [each.line for each in from_history(analysed, steps, text).layers] == [None, 2, 3, 5]


def test_another_dockerfile_maps_nothing(analysed):
    analysis = from_history(analysed, BUILDKIT, "FROM a\nRUN something else\n")
    assert [each.line for each in analysis.layers] == [None] * 11
    assert analysis.notes == ["no layer of the image was made by Dockerfile"]


def test_commands_are_not_matched_by_their_end(analysed):
    analysis = from_history(
        analysed, [("RUN /bin/sh -c make && make install # buildkit", True)], "FROM a\nRUN install\n"
    )
    assert analysis.layers[0].line is None


@pytest.mark.parametrize(
    ("steps", "base"),
    [
        pytest.param(
            [("/bin/sh -c #(nop) ADD file:a in / ", True), ("RUN /bin/sh -c x # buildkit", True)], 1, id="root"
        ),
        pytest.param([("COPY /app / # buildkit", True), ("COPY b / # buildkit", True)], 0, id="scratch"),
        pytest.param([("", True), ("RUN /bin/sh -c x # buildkit", True)], 1, id="imported"),
        pytest.param(
            [("bazel build //base", True), ("bazel build //cc", True), ("COPY a / # buildkit", True)], 2, id="bazel"
        ),
        pytest.param(
            [
                ("# debian.sh --arch 'amd64' out/ 'bookworm'", True),
                ("RUN /bin/sh -c set -eux # buildkit", True),
                ('CMD ["python3"]', False),
                ("RUN /bin/sh -c x # buildkit", True),
                ('CMD ["app"]', False),
            ],
            2,
            id="several layers",
        ),
        pytest.param([("COPY a / # buildkit", True), ('CMD ["app"]', False)], 0, id="CMD at the end"),
    ],
)
def test_the_base_image_is_told_from_the_history(analysed, steps, base):
    analysis = from_history(analysed, steps, None)
    assert sum(each.base for each in analysis.layers) == base
    assert [each.line for each in analysis.layers] == [None] * len(analysis.layers)


def test_a_history_that_does_not_go_with_the_layers_maps_nothing(analysed):
    analysis = analysed(layer(("a", "x")), layer(("b", "x")), history=[{"created_by": "RUN x"}], dockerfile=DOCKERFILE)
    assert [(each.created_by, each.line, each.base) for each in analysis.layers] == [("", None, False)] * 2
    assert analysis.notes == ["the history of the image does not say which step made which layer"]


def test_waste_names_the_line_that_made_it_and_the_line_that_hid_it(analysed):
    text = "FROM scratch\nCOPY a /a\nRUN rm /a\n"
    analysis = analysed(
        layer(("a", "x" * 5)),
        layer((".wh.a", "")),
        history=[{"created_by": "COPY a /a # buildkit"}, {"created_by": "RUN /bin/sh -c rm /a # buildkit"}],
        dockerfile=text,
    )
    (waste,) = analysis.waste
    assert [analysis.layers[index].line for index in (waste.added_by, waste.hidden_by)] == [2, 3]
    shown = as_text([analysis], False, None)
    assert "line 2" in shown
    assert "line 3" in shown
    assert (analysis.hidden_by_user, analysis.user_stored, analysis.user_wasted) == (5, 5, 1.0)
