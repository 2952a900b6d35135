"""The true file system of an image, and dive's score of it."""

from __future__ import annotations

import io
import random

import pytest

from dfadvise.image.filesystem import FileSystem, Folder, Other, Stored
from dfadvise.image.layer import Scanner
from dfadvise.image.reading import analyses_of
from dfadvise.image.tar import Budget
from image_samples import SHARED, hidden, layer

# The file system


def test_a_deleted_file_stays_stored(analysed):
    analysis = analysed(layer(("a", "x" * 1000), ("b", "y" * 500)), layer((".wh.a", "")))
    assert (analysis.stored, analysis.visible, analysis.efficiency) == (1500, 500, 500 / 1500)
    assert hidden(analysis) == [("a", 1000, "deleted", 0, 1)]
    assert analysis.layers[1].change.removed == ["a"]


def test_an_overwritten_file_is_told_from_one_that_is_stored_again(analysed):
    analysis = analysed(
        layer(("a", "x" * 100), ("b", "y" * 50), ("c", "z" * 9)),
        layer(("a", "n" * 70), ("b", "y" * 50, {"uid": 1000}), ("new", "q")),
    )
    assert hidden(analysis) == [("a", 100, "overwritten", 0, 1), ("b", 50, "metadata", 0, 1)]
    change = analysis.layers[1].change
    assert (change.added, change.modified, change.metadata, change.removed) == (1, 120, 50, [])


def test_an_opaque_folder_hides_what_lower_layers_have_in_it(analysed):
    analysis = analysed(
        layer("d/", ("d/a", "x" * 10), ("d/same", "y" * 20), ("other", "z")),
        layer("d/", ("d/.wh..wh..opq", ""), ("d/new", "n" * 5), ("d/same", "y" * 20)),
    )
    assert hidden(analysis) == [("d/same", 20, "metadata", 0, 1), ("d/a", 10, "deleted", 0, 1)]
    assert analysis.layers[1].change.removed == ["d/a"]


def test_a_whiteout_hides_nothing_of_its_own_layer(analysed):
    # The order in the archive does not matter.
    analysis = analysed(layer(("d/a", "old")), layer(("d/b", "new"), (".wh.d", "")), layer(("e", "e")))
    assert hidden(analysis) == [("d/a", 3, "deleted", 0, 1)]
    assert analysis.visible == 4


def test_a_folder_that_becomes_a_file_takes_its_content_with_it(analysed):
    analysis = analysed(layer("d/", ("d/a", "x" * 30), ("d/e/b", "y" * 20)), layer(("d", "z" * 7)))
    assert sorted(hidden(analysis)) == [("d/a", 30, "deleted", 0, 1), ("d/e/b", 20, "deleted", 0, 1)]
    assert analysis.visible == 7


def test_a_file_that_becomes_a_folder_is_gone(analysed):
    analysis = analysed(layer(("d", "x" * 30)), layer("d/", ("d/a", "y" * 2)))
    assert hidden(analysis) == [("d", 30, "overwritten", 0, 1)]


def test_a_hard_link_keeps_the_content(analysed):
    analysis = analysed(layer(("a", "x" * 100), ("b", "=", "a")), layer((".wh.a", "")))
    assert (analysis.stored, analysis.visible, hidden(analysis)) == (100, 100, [])
    analysis = analysed(layer(("a", "x" * 100), ("b", "=", "a")), layer((".wh.a", "")), layer((".wh.b", "")))
    assert hidden(analysis) == [("a", 100, "deleted", 0, 2)]


def test_changing_the_owner_of_hard_links_is_metadata(analysed):
    analysis = analysed(layer(("a", "x" * 100), ("b", "=", "a")), layer(("a", "x" * 100, {"uid": 5}), ("b", "=", "a")))
    assert hidden(analysis) == [("a", 100, "metadata", 0, 1)]
    assert analysis.visible == 100


def test_links_folders_and_whiteouts_of_nothing_cost_nothing(analysed):
    analysis = analysed(
        layer(("l", "->", "/etc"), "d/", ("f", "x")), layer((".wh.l", ""), (".wh.nothing", ""), ("d/.wh..wh..opq", ""))
    )
    assert hidden(analysis) == []
    assert analysis.layers[1].change.removed == ["l"]


def test_paths_never_lead_out_of_the_root():
    for name in ("../../etc/passwd", "/etc/passwd", "./etc//passwd", "etc/./x/../passwd"):
        found = Scanner(Budget(), []).scan(io.BytesIO(layer((name, "x"))))
        assert [entry.path for entry in found.entries] == ["etc/passwd"]


def reference(layers):
    """The visible files as {path: content}, by the most literal reading of the specification."""
    seen = {}
    for entries in layers:
        for path, _ in entries:
            folder, _, name = path.rpartition("/")
            if name == ".wh..wh..opq":
                gone = folder + "/" if folder else ""
                seen = {known: value for known, value in seen.items() if not known.startswith(gone) or known == folder}
            elif name.startswith(".wh."):
                gone = f"{folder}/{name[4:]}".lstrip("/")
                seen = {
                    known: value for known, value in seen.items() if known != gone and not known.startswith(gone + "/")
                }
        for path, content in entries:
            if path.rpartition("/")[2].startswith(".wh."):
                continue
            for known in list(seen):
                if known.startswith(path + "/") or path.startswith(known + "/"):
                    del seen[known]
            seen[path] = content
    return seen


def test_the_file_system_is_that_of_a_literal_reading():
    generator = random.Random(7)
    for _ in range(300):
        layers = []
        for _ in range(generator.randint(1, 5)):
            entries = {}
            for _ in range(generator.randint(0, 6)):
                depth = generator.randint(1, 3)
                parts = [generator.choice("abc") for _ in range(depth)]
                kind = generator.random()
                if kind < 0.2:
                    parts[-1] = ".wh." + parts[-1]
                elif kind < 0.3:
                    parts[-1] = ".wh..wh..opq"
                path = "/".join(parts)
                # A layer holds no file and folder of one name.
                if any(path.startswith(each + "/") or each.startswith(path + "/") for each in entries):
                    continue
                entries[path] = "" if ".wh." in path else generator.choice(("x", "yy", "zzz"))
            layers.append(list(entries.items()))
        files = FileSystem()
        scanner = Scanner(Budget(), [])
        stored = 0
        for entries in layers:
            files.apply(scanner.scan(io.BytesIO(layer(*entries))))
            stored += sum(len(content) for _, content in entries)
        wanted = reference(layers)
        visible = {path: node.size for path, node in files.walk() if isinstance(node, Stored)}
        assert visible == {path: len(content) for path, content in wanted.items()}, layers
        assert files.size == stored
        assert files.visible == sum(map(len, wanted.values()))


def test_paths_are_found_through_links_to_folders():
    files = FileSystem()
    entries = (
        ("usr/bin/ls", "x"),
        ("bin", "->", "usr/bin"),
        ("abs", "->", "/usr"),
        ("loop", "->", "loop"),
        ("up/l", "->", ".."),
    )
    files.apply(Scanner(Budget(), []).scan(io.BytesIO(layer(*entries))))
    assert files.resolve("bin/ls") == "usr/bin/ls"
    assert files.resolve("abs/bin/ls") == "usr/bin/ls"
    assert files.resolve("up/l/usr/bin/ls") == "usr/bin/ls"
    assert files.resolve("loop/x") is None
    assert files.resolve("usr/nothing") is None
    assert isinstance(files.find("usr/bin"), Folder)
    assert isinstance(files.find("bin"), Other)


# dive's score


@pytest.mark.parametrize(
    ("last", "score"),
    [
        pytest.param([], 2000 / 3000, id="overwritten"),
        pytest.param([(".wh.a", "")], 1000 / 3000, id="file removed"),
        pytest.param([(".wh.d", "")], 3000 / 4000, id="folder removed: the score goes up"),
        pytest.param([("d/.wh..wh..opq", "")], 2000 / 3000, id="opaque: not seen"),
    ],
)
def test_the_score_is_what_dive_makes_of_it(analysed, last, score):
    layers = [layer(("a", "x" * 1000), "d/", ("d/f", "y" * 1000)), layer(("a", "z" * 1000))]
    analysis = analysed(*layers, *([layer(*last)] if last else []))
    assert analysis.score.efficiency == pytest.approx(score)


def test_an_image_of_one_layer_has_no_share_that_the_user_wastes(analysed):
    analysis = analysed(layer(("a", "x")))
    assert analysis.score.user_wasted is None
    assert (analysis.score.efficiency, analysis.efficiency, analysis.user_wasted) == (1.0, 1.0, 0.0)


def test_an_empty_image_is_efficient(analysed):
    analysis = analysed(layer())
    assert (analysis.stored, analysis.efficiency, analysis.score.efficiency) == (0, 1.0, 1.0)


@pytest.mark.skipif(not SHARED.is_dir(), reason="DFADVISE_DIVE_IMAGES is not set")
def test_the_published_figures_of_dive():
    (analysis,), problems = analyses_of(str(SHARED / "test-docker-image.tar"))
    score = analysis.score
    assert problems == []
    assert score.efficiency == 0.9844212134184309
    assert (score.size, score.user_size, score.wasted) == (1220598, 66237, 32025)
    assert score.user_wasted == 0.4834911001404049
    assert analysis.stored - analysis.visible == 32025
    assert sum(each.size for each in analysis.waste if each.hidden_by is not None) == 32025
    assert [each.line for each in analysis.layers] == [None] * 14
    assert [each.base for each in analysis.layers] == [True] + [False] * 13
