"""The HTML reports: valid, self-contained, safe whatever they show, and with the numbers of `--format json`."""

from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from dfadvise.cli import main
from dfadvise.report import render
from dfadvise.report.html import MOST_FINDINGS
from dfadvise.report.html_image import MOST_PATHS
from dfadvise.report.html_page import MOST_LINES
from dfadvise.results import FileResult, Report
from dfadvise.rule import Edit, Fix
from dfadvise.source import Source, Span
from image_samples import image, layer
from report_samples import RULES, finding

VOID = frozenset(("meta", "input", "br", "hr", "img", "link"))
# What makes a browser fetch something.
LOADING = frozenset(("src", "srcset", "poster", "data", "action", "formaction", "background", "manifest", "ping"))
SCRIPT = "<script>alert(1)</script>"
EVIL = SCRIPT + "\"'&`{{ 7 * 7 }}{% raw %}\x1b[31m\u202e"


class Page(HTMLParser):
    """A page that was read: what is wrong with it, its texts, numbers and tables."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.open: list[str] = []
        self.problems: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.rows: list[list[str]] = []
        self.values: list[int] = []
        self.feed(html)
        self.close()
        if self.open:
            self.problems.append(f"not closed: {self.open}")

    def handle_starttag(self, tag, attrs):
        if len(dict(attrs)) != len(attrs):
            self.problems.append(f"an attribute twice: {tag} {attrs}")
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        if tag == "data":
            self.values.append(int(dict(attrs)["value"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.text += data
        if ("td" in self.open or "th" in self.open) and self.rows:
            self.rows[-1][-1] += data

    def count(self, name):
        return sum(tag == name for tag, _ in self.tags)


def checked(html: str) -> Page:
    """A page, after everything that holds for all of them was looked at."""
    html.encode()
    assert all(char.isprintable() or char == "\n" for char in html)
    assert html.startswith("<!DOCTYPE html>\n")
    page = Page(html)
    assert page.problems == []
    assert page.count("h1") == page.count("main") == page.count("title") == 1
    assert page.count("script") == 0
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert not [each for each in ids if not re.fullmatch(r"[A-Za-z][\w-]*", each)]
    for tag, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on")]
        assert not LOADING & set(attrs), tag
        assert tag not in ("img", "link", "iframe", "object", "embed", "base", "form")
        if tag == "a":
            assert re.match(r"#|https://github\.com/dfadvise/", attrs["href"])
            if attrs["href"].startswith("#"):
                assert attrs["href"][1:] in ids
        if tag == "th":
            assert attrs["scope"] in ("col", "row")
        if "aria-labelledby" in attrs:
            assert attrs["aria-labelledby"] in ids
    assert "url(" not in html
    assert "@import" not in html
    assert "default-src 'none'" in html
    # Each table has a name, each box a label around it, each list of columns a heading.
    assert page.count("table") == page.count("caption") == page.count("thead")
    assert page.count("input") == len(re.findall(r"<label><input", html))
    # No level of headings is left out.
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))
    return page


def printed(capsys, *words):
    status = main(list(words))
    out, err = capsys.readouterr()
    return status, out, err


def both(capsys, *words):
    """The page of a command and the JSON report of the same."""
    status, html, _ = printed(capsys, *words, "--format", "html")
    other, text, _ = printed(capsys, *words, "--format", "json")
    assert status == other
    return checked(html), json.loads(text)


# image


@pytest.fixture
def archive(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nCOPY a /a\nRUN rm /a && touch /b\n")
    layers = [
        layer(("etc/os", b"x" * 5000)),
        layer(("a", b"x" * 61234), ("app/.npmrc", b"_password=c2VjcmV0LXBhc3M=\n")),
        layer((".wh.a", b""), ("b", b"y" * 77), ("app/.wh..npmrc", b"")),
    ]
    steps = ["/bin/sh -c #(nop) ADD file:1 in / ", "COPY a /a # buildkit"]
    steps.append("RUN /bin/sh -c rm /a && touch /b # buildkit")
    return image(tmp_path / "app.tar", *layers, history=[{"created_by": step} for step in steps])


def test_the_numbers_of_an_image_are_those_of_json(archive, capsys):
    page, document = both(capsys, "image", archive, "--dockerfile", "Dockerfile")
    (found,) = document["images"]
    shown = set(page.values)
    assert {found["stored_bytes"], found["visible_bytes"]} <= shown
    assert found["stored_bytes"] - found["visible_bytes"] in shown
    assert f"{100 * found['efficiency']:.1f}%" in page.text
    assert {each["bytes"] for each in found["layers"]} <= shown
    assert {each["bytes"] for each in found["waste"]} <= shown
    for each in found["waste"]:
        assert each["path"] in page.text
    for each in found["layers"]:
        assert each["created_by"] in page.text
    assert "Secrets in the image" in page.text
    assert "line 2" in page.text


def test_the_margin_of_an_image_has_bytes_and_what_is_hidden(archive, capsys):
    page, _ = both(capsys, "image", archive, "--dockerfile", "Dockerfile")
    listed = [row for row in page.rows if row[2:] == ["2", "COPY a /a"]]
    assert listed == [["61.3 kB", "61.3 kB", "2", "COPY a /a"]]
    assert [row for row in page.rows if row[-1] == "FROM debian:12"] == [["", "", "1", "FROM debian:12"]]


def test_names_in_an_image_are_only_text(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = "a<script>b\x1b[2J\u202e\"'&"
    file = f"FROM {SCRIPT}\nRUN {EVIL}\n"
    (tmp_path / "<b>&.Dockerfile").write_text(file)
    layers = [layer((name, b"x" * 5000)), layer((f".wh.{name}", b""))]
    history = [{"created_by": EVIL}, {"created_by": f"RUN /bin/sh -c {EVIL} # buildkit"}]
    path = image(tmp_path / "i.tar", *layers, history=history, config={"Env": [f"TOKEN={SCRIPT}"]})
    status, html, err = printed(capsys, "image", path, "--dockerfile", "<b>&.Dockerfile", "--format", "html")
    assert (status, err) == (0, "")
    page = checked(html)
    assert "<script" not in html
    assert "/a<script>b\\x1b[2J\\u202e\"'&" in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert "<b>&.Dockerfile" in page.text


@pytest.mark.parametrize("layers", [[], [layer()], [layer(("empty", b""))]])
def test_an_empty_image(tmp_path, capsys, layers):
    page, document = both(capsys, "image", image(tmp_path / "i.tar", *layers))
    assert set(page.values) <= {0}
    assert len(document["images"][0]["layers"]) == len(layers)
    assert "100.0%" in page.text


def test_what_is_no_image_is_told_on_the_page(tmp_path, capsys):
    (tmp_path / "x<i>.tar").write_text("no archive\n")
    status, html, err = printed(capsys, "image", str(tmp_path / "x<i>.tar"), "--format", "html")
    assert status == 2
    assert err.count("\n") == 1
    assert "is no tar archive" in checked(html).text


def test_a_page_stays_small_whatever_an_image_wastes(tmp_path, capsys):
    many = MOST_PATHS + 2000
    below = layer(*((f"d{number}/{'x' * 90}{number}", b"x" * (1 + number % 7)) for number in range(many)))
    path = image(tmp_path / "i.tar", below, layer(*((f".wh.d{number}", b"") for number in range(many))))
    page, document = both(capsys, "image", path)
    assert len(document["images"][0]["waste"]) == many
    assert "… and 2000 more" in page.text
    assert len(page.html) < 400_000


def test_several_images_have_sections_of_their_own(tmp_path, capsys):
    from image_samples import A, B, docker, packed

    path = tmp_path / "i.tar"
    path.write_bytes(packed(docker(("one:1", [A]), ("two:2", [A, B]))))
    page, _ = both(capsys, "image", str(path))
    assert "2 images" in page.text
    assert {"image-1", "image-2"} <= {attrs.get("id") for _, attrs in page.tags}


# advise


FILE = """\
FROM node:18
ARG VERSION=1
WORKDIR /app
COPY . .
RUN apt-get update
RUN apt-get install -y git
RUN rm -rf /var/lib/apt/lists/*
RUN npm ci
CMD ["node", "index.js"]
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "index.js").write_text("run()\n" * 1000)
    (tmp_path / "package.json").write_text('{"name": "x", "version": "1.0.0"}\n')
    (tmp_path / "Dockerfile").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def marks(page, line):
    """What runs a line again, as the margin says it."""
    (row,) = [row for row in page.rows if len(row) == 4 and row[2] == str(line)]
    return row[1]


def test_the_numbers_of_advice_are_those_of_json(project, capsys):
    page, document = both(capsys, "advise", "--isolated", "Dockerfile")
    shown = page.values
    sizes = [each["bytes"] for each in (*document["layers"], *document["savings"]) if each["bytes"]]
    assert sizes
    assert set(sizes) <= set(shown)
    assert {document["stored_bytes"], document["hidden_bytes"]} <= set(shown)
    for each in document["savings"]:
        assert each["message"].replace("`", "") in page.text
        assert each["rule"] in page.text
    words = {"source": "source", "manifest": "manifest", "argument": "build argument", "base": "base image"}
    for each in document["scenarios"]:
        if each["name"] in words:
            for line in each["reruns"]:
                assert words[each["name"]] in marks(page, line)
    for line in range(1, FILE.count("\n") + 1):
        assert [row[-1] for row in page.rows if len(row) == 4 and row[2] == str(line)] == [FILE.split("\n")[line - 1]]


def test_the_proposal_is_shown_as_a_difference(project, capsys):
    page, document = both(capsys, "advise", "--isolated", "Dockerfile")
    assert document["proposed"] is not None
    assert "-FROM node:18\n" in page.text
    assert "+FROM node:18-slim\n" in page.text


def test_what_ends_lines_and_marks_files_is_not_shown(project, capsys):
    (project / "Dockerfile").write_bytes(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode())
    page, document = both(capsys, "advise", "--isolated", "Dockerfile")
    assert document["proposed"].count("\r\n") > 5
    assert "+FROM node:18-slim\n" in page.text
    assert "\\x0d" not in page.text


def test_a_line_that_is_not_listed_is_no_link(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM debian:12\n" + "# x\n" * MOST_LINES + "RUN apt-get update\n")
    page, document = both(capsys, "advise", "--isolated", "Dockerfile")
    assert [each["line"] for each in document["layers"]] == [MOST_LINES + 2]
    assert f"f1-L{MOST_LINES + 2}" not in page.html
    assert [row[1] for row in page.rows if row[0] == str(MOST_LINES + 2)] == ["RUN apt-get update"]


def test_a_dockerfile_is_only_text(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "<i>'\".Dockerfile").write_text(
        f"FROM {SCRIPT} AS x\nARG {SCRIPT}=1\nCOPY {EVIL} /\nRUN apt-get install {EVIL}\nRUN cd <b>\n"
    )
    status, html, _ = printed(capsys, "advise", "--isolated", "<i>'\".Dockerfile", "--format", "html")
    assert status == 0
    page = checked(html)
    assert "<script" not in html
    assert "<b>" not in page.html.partition("</style>")[2].replace("<b>+</b>", "").replace("<b>?</b>", "")
    assert f"FROM {SCRIPT} AS x" in page.text
    assert "\\x1b[31m\\u202e" in page.text


def test_secrets_are_not_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    text = f"FROM node:18\nENV GITHUB_TOKEN={token} PASSWORD=hunter2x\nRUN apt-get update\n"
    (tmp_path / "Dockerfile").write_text(f"{text}RUN apt-get install -y git && echo {token}\n")
    for command in ("advise", "lint"):
        _, html, _ = printed(capsys, command, "--isolated", "Dockerfile", "--format", "html")
        assert token not in html
        assert "hunter2x" not in html
        assert "GITHUB_TOKEN=" in checked(html).text


@pytest.mark.parametrize(
    "text", ["", "\n", "# nothing", "FROM scratch\n", "RUN x\n", "FROM a\nRUN <<EOF\n", "FROM a\r\n\tRUN b\r\n"]
)
def test_odd_files(tmp_path, monkeypatch, capsys, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_bytes(text.encode())
    page, document = both(capsys, "advise", "--isolated", "Dockerfile")
    assert document["path"] in page.text
    checked(printed(capsys, "lint", "--isolated", "Dockerfile", "--format", "html")[1])


def test_several_files_make_one_page(project, capsys):
    (project / "b").mkdir()
    (project / "b" / "Dockerfile").write_text("FROM scratch\nCOPY x /\n")
    (project / "c").mkdir()
    (project / "c" / "Dockerfile").write_bytes(b"\0\1")
    status, html, err = printed(capsys, "advise", "--isolated", "Dockerfile", "b", "c", "gone", "--format", "html")
    assert status == 2
    page = checked(html)
    assert "Advice for 2 Dockerfiles" in page.text
    assert "gone" in page.text
    assert "c/Dockerfile" in page.text
    assert "gone" in err


def test_a_long_file_is_not_shown_whole(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM scratch\n" + "# x\n" * (MOST_LINES + 9) + "#" + "y" * 100_000 + "\n")
    page, _ = both(capsys, "advise", "--isolated", "Dockerfile")
    assert "… and 11 more lines" in page.text
    assert len(page.html) < 1_000_000


@pytest.mark.parametrize("form", ["html", "json", "markdown"])
@pytest.mark.parametrize("words", [("--diff",), ("--base", "alpine")])
def test_what_is_no_page_is_refused(project, capsys, words, form):
    status, out, err = printed(capsys, "advise", "Dockerfile", "--format", form, *words)
    assert (status, out) == (2, "")
    assert err == f"dfadvise: `{words[0]}` cannot be written as {form}\n"


# lint


def test_findings_stand_under_their_file_with_the_lines(capsys):
    source = Source("FROM x\nRUN a \\\n\tb && \\\n  c\n")
    fix = Fix("Do `it`", [Edit(Span(0, 0), "x")], "unsafe")
    found = [
        finding(source, "x", severity="info", aliases=("DL1",)),
        finding(source, "a \\\n\tb", rule="odd-rule", related=[("there", Span(0, 4))], fix=fix),
    ]
    ran = Report([FileResult("a/Dockerfile", source, found), FileResult("clean", source)], RULES, ["a note"])
    ran.files.append(FileResult("gone", error="no such file"))
    page = checked(render("html", ran))
    assert ["2", "RUN a \\"] in page.rows
    assert ["3", "    b && \\"] in page.rows
    assert "<mark>a \\</mark>" in page.html
    assert "line 2, column 5 · odd-rule" in page.text
    assert "line 1: there" in page.text
    assert "Do it (unsafe: dfadvise fix --unsafe)" in page.text
    assert "Odd things break." in page.text
    for part in ("DL1", "gone", "no such file", "1 file without findings", "a note"):
        assert part in page.text


def test_the_numbers_of_findings_are_those_of_json(project, capsys):
    page, document = both(capsys, "lint", "--isolated", "Dockerfile", "--select", "all", "--fail-on", "never")
    places = re.findall(r"line (\d+), column (\d+) · ([\w-]+)", page.text)
    wanted = [(each["start"]["line"], each["start"]["column"], each["rule"]) for each in document["findings"]]
    assert [(int(line), int(column), rule) for line, column, rule in places] == wanted


def test_hostile_findings_are_only_text():
    source = Source(f"RUN {EVIL}\n")
    found = finding(source, SCRIPT, message=EVIL, rule='r"<i>', aliases=(SCRIPT,), fix=Fix(EVIL, [], "safe"))
    found.related = ((EVIL, Span(0, 3)),)
    ran = Report([FileResult(SCRIPT, source, [found])], {}, [EVIL])
    ran.files.append(FileResult(EVIL, error=EVIL))
    page = checked(render("html", ran))
    assert "<script" not in page.html
    assert "<i>" not in page.html
    assert page.text.count(SCRIPT) > 8


def test_the_gravest_findings_are_kept_when_there_are_too_many():
    source = Source("FROM x\n")
    found = [finding(source, "x", severity="info") for _ in range(MOST_FINDINGS)]
    found += [finding(source, "x", severity="error", message="grave") for _ in range(5)]
    page = checked(render("html", Report([FileResult("a", source, found)], RULES)))
    assert page.text.count("grave\n") == 5
    assert "5 more are not" in page.text
    assert len(page.html) < 2_000_000


def test_a_long_line_is_shown_around_the_place():
    source = Source("RUN " + "a" * 50_000 + " here " + "b" * 50_000 + "\n")
    page = checked(render("html", Report([FileResult("a", source, [finding(source, "here")])], RULES)))
    assert "<mark>here</mark>" in page.html
    assert len(page.html) < 40_000


def test_the_same_input_gives_the_same_page(archive, capsys):
    pages = {
        hashlib.sha256(printed(capsys, "image", archive, "--format", "html")[1].encode()).hexdigest() for _ in "ab"
    }
    assert len(pages) == 1
