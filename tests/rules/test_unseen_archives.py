"""Bytes that are stored twice, and archives that stay: what files that nobody had tried yet taught."""

import pytest

from dfadvise.testing import Bench
from rule_answers import RULES, applicability, cases, findings, shown_levels, under

ALPINE = "FROM alpine:3.22\nCOPY a.sh /a.sh\nRUN chmod 0755 /a.sh{}\n"
NODE = "FROM node:22\nWORKDIR /app\nCOPY . /app\nRUN {}\n"
DEBIAN = "FROM debian:13-slim\n"
GET = f"{DEBIAN}RUN wget https://example.com/a-1.0.tar.gz\n"
ADD = f"{DEBIAN}ADD https://example.com/x.tar.xz /tmp/\n"


@cases(
    {
        "edited twice": " && sed -i s/a/b/ /a.sh && sed -i s/c/d/ /a.sh",
        "edited perhaps": "; if [ -e /b ]; then sed -i s/a/b/ /a.sh; fi",
        "added to": " && echo exit >> /a.sh",
        "given away": " && chown app /a.sh",
        "moved": " && mv /a.sh /usr/bin/a",
        "removed perhaps": "; if [ -e /b ]; then rm /a.sh; fi",
    },
    "more",
)
def test_one_finding_without_a_fix_where_the_run_stores_the_file_again(more):
    assert applicability("duplicated-tree", ALPINE.format(more)) == [None]


@cases(
    {
        "nothing more": "",
        "run": " && /a.sh",
        "another file edited": " && sed -i s/a/b/ /etc/b.conf",
        "read": " && grep -q a /a.sh",
        "removed by another layer": " && /a.sh\nRUN rm /a.sh",
    },
    "more",
)
def test_a_fix_where_nothing_else_stores_it(more):
    assert applicability("duplicated-tree", ALPINE.format(more)) == ["unsafe"]


def test_one_finding_for_a_tree_that_is_changed_twice():
    assert applicability("duplicated-tree", NODE.format("chown -R node /app && chmod -R 755 /app")) == [None]
    assert applicability("duplicated-tree", NODE.format("chown -R node /app && chmod 755 /app/a.sh")) == ["unsafe"]
    two = NODE.format("chown -R node /app\nRUN chmod -R 755 /app")
    assert len(findings("duplicated-tree", two)) == 2


@cases(
    {
        "run and removed": " && /a.sh && rm /a.sh",
        "removed with its folder": " && /a.sh && rm -rf /*.sh",
        "edited and removed": " && sed -i s/a/b/ /a.sh && rm -f /a.sh",
    },
    "more",
)
def test_a_layer_stores_nothing_of_what_it_removes(more):
    assert findings("duplicated-tree", ALPINE.format(more)) == []


@cases(
    {
        "the next RUN": f"{GET}RUN tar xzf a-1.0.tar.gz\n",
        "a variable": f"{DEBIAN}ENV V=1\nRUN wget https://example.com/a-$V.tgz\nRUN tar xzf a-${{V}}.tgz\n",
        "checked before": f"{GET}RUN echo '0a  a-1.0.tar.gz' | sha256sum -c\nRUN tar xzf a-1.0.tar.gz\n",
        "checked where it is fetched": (
            f"{DEBIAN}RUN curl -o /opt/a.tgz https://example.com/a && sha256sum -c --status /opt/a.tgz\n"
            "RUN tar -C /opt -xzf /opt/a.tgz\n"
        ),
        "a zip archive": f"{DEBIAN}RUN wget -P /opt https://example.com/a.zip\nRUN cd /opt && unzip a.zip\n",
        "a package": f"{DEBIAN}RUN wget -P /opt https://example.com/a.deb\nRUN dpkg -i /opt/a.deb\n",
        "a child that ships": (
            "FROM debian:13 AS a\nRUN wget -P /opt https://example.com/a.tgz\nFROM a\nRUN tar xf /opt/a.tgz\n"
        ),
        "its mode changed": f"{GET}RUN tar xzf a-1.0.tar.gz\nRUN if [ -e /b ]; then chmod 600 a-1.0.tar.gz; fi\n",
    }
)
def test_an_archive_that_another_run_unpacks_is_left(text):
    assert shown_levels("archive-left", text) == ["warning"]
    assert applicability("archive-left", text) == [None]


@cases(
    {
        "never unpacked": GET,
        "copied too": f"{GET}RUN tar xzf a-1.0.tar.gz && cp a-1.0.tar.gz /srv/\n",
        "its sum written down": f"{GET}RUN tar xzf a-1.0.tar.gz\nRUN sha256sum a-1.0.tar.gz > /srv/sums\n",
        "unpacked in a branch": f"{GET}RUN if [ -e /b ]; then tar xzf a-1.0.tar.gz; fi\n",
        "another folder": f"{GET}RUN cd /srv && tar xzf a-1.0.tar.gz\n",
        "named by the environment": f"{GET}RUN tar xzf a-1.0.tar.gz\nENV ARCHIVE=a-1.0.tar.gz\n",
        "named by the container": f'{GET}RUN tar xzf a-1.0.tar.gz\nCMD ["/start", "a-1.0.tar.gz"]\n',
        "copied by another stage": (
            f"{GET.replace('slim', 'slim AS a')}RUN tar xzf a-1.0.tar.gz\n"
            "FROM a\nCOPY --from=a /a-1.0.tar.gz /srv/a-1.0.tar.gz\n"
        ),
        "copied by a trigger": (
            f"{GET.replace('slim', 'slim AS a')}RUN tar xzf a-1.0.tar.gz\n"
            "FROM a\nONBUILD COPY --from=a /a-1.0.tar.gz /srv/a.tar.gz\n"
        ),
        "served": (
            "FROM nginx:1.29\nRUN curl -o /usr/share/nginx/html/a.tgz https://example.com/a.tgz\n"
            "RUN tar -C /opt -xzf /usr/share/nginx/html/a.tgz\n"
        ),
        "a builder": f"{GET}RUN tar xzf a-1.0.tar.gz\nFROM debian:13-slim\nCOPY --from=0 /a /a\n",
        "under a mount": (
            f"{DEBIAN}RUN --mount=type=cache,target=/dl wget -P /dl https://example.com/a.tgz\n"
            "RUN --mount=type=cache,target=/dl tar -C /opt -xzf /dl/a.tgz\n"
        ),
    }
)
def test_no_archive_is_left_where_it_may_be_wanted(text):
    assert findings("archive-left", text) == []


@pytest.mark.parametrize("more", [" && rm a-1.0.tar.gz\n", "\nRUN rm a-1.0.tar.gz\n", "\nRUN rm -rf /a* *.tar.gz\n"])
def test_what_is_deleted_late_is_told_once(more):
    bench = Bench(RULES["archive-left"], RULES["late-cleanup"])
    assert {f.rule for f in bench.findings(f"{GET}RUN tar xzf a-1.0.tar.gz{more}")} == {"late-cleanup"}


@cases(
    {
        "left": f"{ADD}RUN tar -xJf /tmp/x.tar.xz -C /opt\n",
        "removed": f"{ADD}RUN tar -xJf /tmp/x.tar.xz -C /opt && rm /tmp/x.tar.xz\n",
        "renamed": f"{DEBIAN}ADD https://example.com/get?v=1 /tmp/x.tgz\nRUN tar -xzf /tmp/x.tgz -C /opt\n",
        "a query": f"{DEBIAN}ADD https://example.com/x.zip?raw=1 /tmp/x.zip\nRUN unzip /tmp/x.zip\n",
        "quoted": f'{DEBIAN}ADD "https://example.com/x.zip?raw=1" "/tmp/x.zip"\nRUN unzip /tmp/x.zip\n',
        "read twice": f"{ADD}RUN tar -xf /tmp/x.tar.xz a\nRUN tar -xf /tmp/x.tar.xz b\n",
        "a known version": f"{DEBIAN}ENV V=1\nADD https://example.com/x-$V.zip /tmp/\nRUN unzip /tmp/x-${{V}}.zip\n",
        "a known address": f"{DEBIAN}ENV U=https://example.com/x.tgz\nADD $U /tmp/\nRUN tar xf /tmp/x.tgz\n",
        "told not to unpack": f"{DEBIAN}ADD --unpack=false x.tgz /tmp/\nRUN tar xf /tmp/x.tgz\n",
        "a local zip archive": f"{DEBIAN}ADD x.zip /tmp/\nRUN unzip /tmp/x.zip\n",
    }
)
def test_add_that_does_not_unpack(text):
    (finding,) = findings("hand-unpacked-archive", text)
    assert (finding.severity, finding.fix, list(finding.aliases)) == ("warning", None, [])


@cases(
    {
        "unpacks a local archive": f"{DEBIAN}ADD x.tgz /tmp/\nRUN tar xf /tmp/x.tgz\n",
        "unpacks what it fetches": (
            f"{DEBIAN}ADD --unpack https://example.com/x.tgz /tmp/x.tgz\nRUN tar xf /tmp/x.tgz/x.tgz\n"
        ),
        "an address that nobody knows": f"{DEBIAN}ARG U\nADD $U/x.tgz /tmp/\nRUN tar xf /tmp/x.tgz\n",
        "never unpacked": f"{ADD}RUN ls /tmp/x.tar.xz\n",
        "only listed": f"{ADD}RUN tar -tf /tmp/x.tar.xz\n",
        "another archive": f"{ADD}RUN tar -xf /tmp/y.tar.xz\n",
        "a repository": f"{DEBIAN}ADD https://example.com/x.git /tmp/x\nRUN tar xf /tmp/x/y.tgz\n",
        "no archive": f"{DEBIAN}ADD https://example.com/x.sh /tmp/\nRUN sh /tmp/x.sh\n",
    }
)
def test_add_that_unpacks_or_need_not(text):
    assert findings("hand-unpacked-archive", text) == []


def told(text):
    bench = Bench(RULES["hand-unpacked-archive"], RULES["late-cleanup"])
    return sorted((finding.rule, finding.severity) for finding in bench.findings(text))


@cases(
    {
        "a copy": f"{DEBIAN}COPY x.tgz /opt/\nRUN tar xzf /opt/x.tgz -C /opt && rm -rf /opt/x.tgz\n",
        "an address": f"{ADD}RUN tar -xJf /tmp/x.tar.xz -C /opt && rm /tmp/x.tar.xz\n",
        "by a pattern": f"{DEBIAN}COPY x.tgz /opt/\nRUN tar xzf /opt/x.tgz -C /opt && rm /opt/*.tgz\n",
        "by another RUN": f"{DEBIAN}COPY x.tgz /opt/\nRUN tar xzf /opt/x.tgz -C /opt\nRUN rm /opt/x.tgz\n",
    }
)
def test_one_cause_is_shown_once(text):
    assert told(text) == [("hand-unpacked-archive", "warning"), ("late-cleanup", "style")]


@pytest.mark.parametrize("sources", ["x.tgz b.bin", "b.bin x.tgz"])
def test_what_is_deleted_beside_an_archive_is_still_told(sources):
    text = f"{DEBIAN}COPY {sources} /opt/\nRUN tar xzf /opt/x.tgz -C /usr && /opt/b.bin && rm -rf /opt/*\n"
    assert told(text) == [("hand-unpacked-archive", "warning"), ("late-cleanup", "warning")]


def test_an_archive_that_no_command_unpacks_is_deleted_late():
    assert told(f"{DEBIAN}COPY x.tgz /opt/\nRUN /opt/y && rm /opt/x.tgz\n") == [("late-cleanup", "warning")]


def test_the_place_of_an_archive_from_an_address():
    assert under("hand-unpacked-archive", f"{ADD}RUN tar -xJf /tmp/x.tar.xz\n") == ["https://example.com/x.tar.xz"]
