"""The layer model against what a real engine builds: which layers there are, what each adds, changes and hides."""

import pytest

from dfadvise.context import BuildContext
from dfadvise.effects import ADDS, DOWNLOADS, EXTRACTS, REMOVES, REWRITES
from dfadvise.layers import chain_layers
from dfadvise.paths import covers, is_below
from dfadvise.source import Source
from dfadvise.stages import Dockerfile

FILES = {
    "a.txt": "a" * 3000,
    "b.txt": "b" * 2000,
    "dir/one.txt": "1" * 500,
    "dir/sub/two.txt": "2" * 700,
    ".dockerignore": "*.log\nsecret\n",
    "x.log": "x" * 100,
    "secret/key": "k",
    "script.sh": "#!/bin/sh\n",
}

CASES = {
    "copy-file": "FROM debian:12\nCOPY a.txt /data/a.txt\n",
    "copy-to-folder": "FROM debian:12\nCOPY a.txt b.txt /data/\n",
    "copy-tree": "FROM debian:12\nWORKDIR /app\nCOPY . .\n",
    "copy-folder-content": "FROM debian:12\nCOPY dir /opt/dir\n",
    "copy-wildcard": "FROM debian:12\nCOPY *.txt /t/\n",
    "workdir": "FROM debian:12\nWORKDIR /srv/app\nRUN touch here\nWORKDIR /\n",
    "chown-after-copy": "FROM debian:12\nCOPY dir /opt/dir\nRUN chown -R 1000:1000 /opt/dir\n",
    "chmod-file": "FROM debian:12\nCOPY script.sh /usr/local/bin/script.sh\nRUN chmod +x /usr/local/bin/script.sh\n",
    "copy-chmod": "FROM debian:12\nCOPY --chmod=755 --chown=1000 script.sh /usr/local/bin/script.sh\n",
    "remove-later": "FROM debian:12\nCOPY a.txt /tmp/a.txt\nRUN rm /tmp/a.txt\n",
    "remove-folder-later": "FROM debian:12\nCOPY dir /opt/dir\nRUN rm -rf /opt/dir\n",
    "same-run": "FROM debian:12\nRUN echo x > /tmp/x && cp /tmp/x /y && rm /tmp/x\n",
    "move": "FROM debian:12\nCOPY dir /opt/dir\nRUN mv /opt/dir /opt/moved\n",
    "overwrite": "FROM debian:12\nCOPY a.txt /etc/thing\nCOPY b.txt /etc/thing\n",
    "sed-in-place": "FROM debian:12\nCOPY a.txt /etc/thing\nRUN sed -i s/a/b/ /etc/thing\n",
    "cache-mount": "FROM debian:12\nRUN --mount=type=cache,target=/c echo x > /c/x && touch /z\n",
    "tmpfs-mount": "FROM debian:12\nRUN --mount=type=tmpfs,target=/t echo x > /t/x && touch /z\n",
    "bind-mount": "FROM debian:12\nRUN --mount=type=bind,target=/src cp /src/a.txt /copied\n",
    "cd": "FROM debian:12\nRUN mkdir -p /w/v && cd /w/v && touch q && (cd / && touch r) && touch s\n",
    "stage-copy": (
        "FROM debian:12 AS b\nRUN echo built > /out.txt\nFROM debian:12\nCOPY --from=b /out.txt /opt/out.txt\n"
    ),
    "chain": "FROM debian:12 AS b\nCOPY a.txt /a.txt\nFROM b\nRUN rm /a.txt\n",
    "tar": "FROM debian:12\nCOPY dir /d\nRUN tar czf /d.tgz /d && mkdir /e && tar xzf /d.tgz -C /e && rm /d.tgz\n",
    "env-metadata": "FROM debian:12\nENV A=/x\nARG B=/y\nRUN touch $A $B\nLABEL a=b\nCMD true\n",
    "tee-and-links": "FROM debian:12\nRUN echo x | tee /l1 /l2 && ln -s /l1 /l3 && install -m 755 /l1 /l4\n",
}


@pytest.mark.parametrize("name", CASES)
def test_layers(engine, tmp_path, name):
    for path, content in FILES.items():
        full = tmp_path / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(content)
    (tmp_path / "Dockerfile").write_text(CASES[name])
    tag, _ = engine.build(str(tmp_path))
    real = engine.layers(tag)[1:]
    context = BuildContext(str(tmp_path), str(tmp_path / "Dockerfile"), True)
    file = Dockerfile(Source(CASES[name]), context=context)
    model = chain_layers(file.exported)
    assert [layer.instruction.keyword for layer in model.layers] == [text.split()[0] for text, _, _ in real]
    for layer, (text, files, whiteouts) in zip(model.layers, real, strict=True):
        written = {path for path, size in files.items() if size >= 0 and not fleeting(path)}
        predicted = [e for e in layer.effects if e.kind in (ADDS, DOWNLOADS, EXTRACTS, REWRITES)]
        for path in written:
            assert any(says(effect, path, model) for effect in predicted), f"{text}: {path} was not predicted"
        for effect in predicted:
            if effect.kind in (ADDS, REWRITES) and effect.certain and not gone(layer, effect):
                assert any(reaches(effect, path) for path in files), f"{text}: {effect} is not in the layer"
        if layer.size is not None:
            assert layer.size == sum(size for path, size in files.items() if size > 0), text
        hidden = [each for each in model.hidden if each.later is layer and each.by.kind == REMOVES and each.certain]
        for each in hidden:
            assert any(is_below(each.write.path, path) for path in whiteouts), f"{each} has no whiteout"
        for path in whiteouts:
            assert any(
                e.kind == REMOVES and (covers(e.path, path, True) or is_below(path, e.path)) for e in layer.effects
            ), f"{text}: the removal of {path} was not predicted"


def fleeting(path):
    return path.startswith(("/var/log/", "/var/cache/ldconfig", "/etc/ld.so.cache"))


def says(effect, path, model):
    return (
        effect.path == path or (effect.tree and is_below(path, effect.path)) or covers(effect.path, path, effect.tree)
    )


def reaches(effect, path):
    return says(effect, path, None) or is_below(effect.path, path)


def gone(layer, effect):
    later = layer.effects[layer.effects.index(effect) + 1 :]
    return any(e.kind == REMOVES and e.path and covers(e.path, effect.path, e.tree) for e in later)
