"""The removal of a downloaded archive: how it is spelled, and who may still want the file."""

from __future__ import annotations

import pytest

from dfadvise import packs
from dfadvise.testing import Bench

RULE = {rule.id: rule for rule in packs.load_packs()}["archive-left"]
GET = "curl -fsSLo /opt/a.tgz https://x.org/a.tgz && tar -C /opt -xzf /opt/a.tgz"


def fix_of(text):
    (finding,) = Bench(RULE).findings(text)
    return finding.fix


FIXED = {
    "as the file spells it": (
        "FROM fedora\nENV V=2.2.0\nRUN curl -o /usr/src/l-$V.tgz https://x.org/l.tgz && tar xf /usr/src/l-$V.tgz\n",
        "rm /usr/src/l-$V.tgz",
    ),
    "where it lies": (
        "FROM fedora\nARG V=2.2.0\nWORKDIR /usr/src\nRUN curl -O https://x.org/l-$V.tgz && tar xf l-$V.tgz\n",
        "rm l-$V.tgz",
    ),
    "with sudo": (
        "FROM debian\nUSER app\nRUN sudo curl -o /opt/b.tgz https://x.org/b && sudo tar xzf /opt/b.tgz -C /opt\n",
        "sudo rm /opt/b.tgz",
    ),
    "before what the archive itself brings": (
        "FROM debian\nRUN cd /tmp && curl -O https://x.org/a.tgz && tar xf a.tgz && cd a-1 && ./configure && make\n",
        "rm a.tgz",
    ),
    "after its sum was checked": (
        'FROM debian\nRUN curl -o /opt/a.tgz https://x.org/a.tgz && echo "1 /opt/a.tgz" | sha256sum -c -'
        " && tar xf /opt/a.tgz -C /opt\n",
        "rm /opt/a.tgz",
    ),
}


@pytest.mark.parametrize(("text", "command"), FIXED.values(), ids=FIXED.keys())
def test_removed(text, command):
    fix = fix_of(text)
    assert fix.applicability == "safe"
    assert [edit.text for edit in fix.edits] == [f" && {command}"]


UNFIXED = {
    "named by the environment": f"FROM debian\nENV ARCHIVE=/opt/a.tgz\nRUN {GET}\n",
    "named by the environment in part": f"FROM debian\nENV ARCHIVE=a.tgz\nRUN {GET}\n",
    "below what the container serves": f'FROM debian\nRUN {GET}\nCMD ["serve", "/opt"]\n',
    "in a volume": f"FROM debian\nRUN {GET}\nVOLUME /opt\n",
    "below a web root": f"FROM nginx\nRUN {GET.replace('/opt', '/usr/share/nginx/html')}\n",
    "written down": f'FROM debian\nRUN {GET} && echo "archive=/opt/a.tgz" > /etc/a.conf\n',
    "as another user": f"FROM debian\nUSER app\nRUN {GET.replace('curl', 'sudo -u www curl')}\n",
}


@pytest.mark.parametrize("text", UNFIXED.values(), ids=UNFIXED.keys())
def test_kept(text):
    assert fix_of(text) is None


UNSAFE = {
    "a script behind it": f"FROM debian\nCOPY build.sh /\nRUN {GET} && /build.sh\n",
    "a script of a later step": f"FROM debian\nCOPY build.sh /\nRUN {GET}\nRUN sh /build.sh\n",
    "a script of a child": f"FROM debian AS a\nCOPY build /bin/\nRUN {GET}\nFROM a\nRUN build\n",
    "the script of the container": f'FROM debian\nCOPY run.sh /\nRUN {GET}\nENTRYPOINT ["/run.sh"]\n',
}


@pytest.mark.parametrize("text", UNSAFE.values(), ids=UNSAFE.keys())
def test_perhaps_wanted(text):
    assert fix_of(text).applicability == "unsafe"


NOTHING = {
    "the key of a package source": (
        "FROM debian\nRUN curl -o /etc/apt/keyrings/x.asc https://x.org/gpg"
        ' && echo "deb [signed-by=/etc/apt/keyrings/x.asc] https://x.org/ y z" | tee /etc/apt/sources.list.d/x.list\n'
    ),
    "linked": f"FROM debian\nRUN {GET} && ln -s /opt/a.tgz /a.tgz\n",
    "a key that is imported": "FROM debian\nRUN curl -o /opt/k.asc https://x.org/k && gpg --import /opt/k.asc\n",
}


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING.keys())
def test_no_archive(text):
    assert Bench(RULE).findings(text) == []
