"""Until when base images are supported, and repositories that are retired.

Support dates are those of endoflife.date, taken 2026-08-22: Debian's are LTS, Ubuntu's without ESM. Retired
repositories: their owners' announcements. Dates are ISO texts, which compare as dates do.
"""

from __future__ import annotations

from dfadvise.knowledge.dates import SUPPORT
from dfadvise.knowledge.distributions import system
from dfadvise.knowledge.manager import words
from dfadvise.knowledge.tags import NODE_CODENAMES, dotted, release_of, suite, version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

TAKEN = SUPPORT


class Support:
    """How long one version of a product is supported.

    Args:
        product: "debian", "python", ...
        cycle: The version as its owners count support: "12", "3.9".
        end: The day support ended or will end; None when it is supported and the day is not known.
        exact: Whether it ended that day; else it ended on that day or earlier, mostly long before.
        mirror_gone: Whether packages can no longer be had from the usual mirrors once support has ended.
    """

    __slots__ = ("cycle", "end", "exact", "mirror_gone", "product")

    def __init__(self, product: str, cycle: str, end: str | None, exact: bool, mirror_gone: bool = False) -> None:
        self.product = product
        self.cycle = cycle
        self.end = end
        self.exact = exact
        self.mirror_gone = mirror_gone

    def ended(self, today: str) -> bool:
        """Whether support is over on a day (ISO text)."""
        return self.end is not None and self.end < today

    def successors(self, today: str) -> tuple[tuple[str, str | None], ...]:
        """Later versions that are supported on a day, oldest first, each with the day its support ends."""
        own = version(self.cycle)
        if self.product == "opensuse leap" and own[:1] == (42,):
            own = ()  # 15.0 came after 42.3
        return tuple(
            (cycle, end)
            for cycle, end in _TABLES[self.product][1]
            if version(cycle) > own and (end is None or end >= today)
        )

    def __repr__(self) -> str:
        return f"Support({self.product} {self.cycle}: {self.end})"


# product: (the newest version of which all up to it have ended, and the day the last of them did),
#          (cycle, end) of versions with a day of their own; None: supported, day not known,
#          versions that had ended when the table was taken, without a day.
_Table = tuple[tuple[str, str] | None, tuple[tuple[str, "str | None"], ...], tuple[str, ...]]
_TABLES: dict[str, _Table] = {
    "debian": (
        ("9", "2022-07-01"),
        (("10", "2024-06-30"), ("11", "2026-08-31"), ("12", "2028-06-30"), ("13", "2030-06-30")),
        (),
    ),
    "ubuntu": (
        None,
        (
            ("16.04", "2021-04-02"),
            ("18.04", "2023-05-31"),
            ("20.04", "2025-05-31"),
            ("25.10", "2026-07-01"),
            ("22.04", "2027-04-01"),
            ("24.04", "2029-05-31"),
            ("26.04", "2031-04-30"),
        ),
        ("8.04", "10.04", "12.04", "14.04"),
    ),
    "alpine": (
        ("3.19", "2025-11-01"),
        (
            ("3.20", "2026-04-01"),
            ("3.21", "2026-11-01"),
            ("3.22", "2027-05-01"),
            ("3.23", "2027-11-01"),
            ("3.24", "2028-06-01"),
        ),
        (),
    ),
    "centos": (None, (("7", "2024-06-30"), ("8", "2021-12-31")), ("5", "6")),
    "centos stream": (None, (("8", "2024-05-31"), ("9", "2027-05-31"), ("10", "2030-05-31")), ()),
    "fedora": (
        ("41", "2025-12-15"),
        (("42", "2026-05-27"), ("43", "2026-12-09"), ("44", "2027-06-02")),
        (),
    ),
    "amazonlinux": (None, (("1", "2023-12-31"), ("2", "2026-06-30"), ("2023", "2029-06-30")), ()),
    "oraclelinux": (None, (("7", "2024-12-31"), ("8", "2029-07-31")), ("5", "6")),
    "ubi": (None, (("7", "2024-06-30"), ("8", "2029-05-31")), ()),
    "opensuse leap": (
        ("15.5", "2024-12-31"),
        (("15.6", "2026-04-30"), ("16.0", "2027-10-31")),
        ("42.1", "42.2", "42.3"),
    ),
    "python": (
        ("3.8", "2024-10-07"),
        (("3.9", "2025-10-31"), ("3.10", "2026-10-31"), ("3.11", "2027-10-31"), ("3.12", "2028-10-31")),
        (),
    ),
    "node": (
        ("16", TAKEN),
        (
            ("18", "2025-04-30"),
            ("20", "2026-04-30"),
            ("25", "2026-06-01"),
            ("22", "2027-04-30"),
            ("24", "2028-04-30"),
            ("26", "2029-04-30"),
        ),
        ("17", "19", "21", "23"),
    ),
    "php": (("8.0", TAKEN), (("8.1", "2025-12-31"), ("8.2", "2026-12-31"), ("8.3", "2027-12-31")), ()),
    "ruby": (("3.1", "2025-03-26"), (("3.2", "2026-03-31"), ("3.3", "2027-03-31")), ()),
    "perl": (("5.38", "2026-07-02"), (("5.40", "2027-06-09"),), ()),
    "golang": (("1.24", "2026-02-10"), (("1.25", "2026-08-19"), ("1.26", None)), ()),
    "dotnet": (
        ("5", TAKEN),
        (
            ("6", "2024-11-12"),
            ("7", "2024-05-14"),
            ("8", "2026-11-10"),
            ("9", "2026-11-10"),
            ("10", "2028-11-14"),
        ),
        (),
    ),
    "eclipse-temurin": (
        None,
        (("26", "2026-09-15"), ("11", "2027-10-31"), ("17", "2027-10-31"), ("21", None), ("25", None)),
        ("9", "10", "12", "13", "14", "15", "16", "18", "19", "20", "22", "23", "24"),
    ),
    "amazoncorretto": (
        None,
        (("26", "2026-10-31"), ("21", None), ("25", None)),
        ("9", "10", "12", "13", "14", "15", "16", "18", "19", "20", "22", "23", "24"),
    ),
    "postgres": (("13", "2025-11-13"), (("14", "2026-11-12"), ("15", "2027-11-11")), ()),
    "mysql": (
        ("5.7", TAKEN),
        (("8.0", "2026-04-30"), ("8.4", "2032-04-30")),
        ("8.1", "8.2", "8.3", "9.0", "9.1", "9.2", "9.3", "9.4", "9.5", "9.6"),
    ),
    "mariadb": (
        ("10.10", TAKEN),
        (("10.6", "2026-07-06"), ("10.11", "2028-02-16")),
        ("11.0", "11.1", "11.2", "11.3", "11.5", "11.6", "11.7", "12.0", "12.1", "12.2"),
    ),
    "mongo": (("6.0", "2025-07-31"), (("7.0", "2027-08-31"),), ("7.1", "7.2", "7.3", "8.1", "8.2")),
    "redis": (("6.0", TAKEN), (("7.0", "2024-07-29"), ("8.0", "2026-12-01")), ()),
    "nginx": (("1.27", TAKEN), (("1.28", "2026-04-14"), ("1.29", "2026-05-13")), ()),
    "erlang": (("26", "2026-05-26"), (("27", "2028-05-20"),), ()),
    "elixir": (("1.15", "2026-06-03"), (), ()),
}

# Images whose tag begins with the product's version.
_PRODUCTS = {
    **{name: name for name in _TABLES if " " not in name and name not in ("ubi", "dotnet")},
    "opensuse/leap": "opensuse leap",
    "registry.opensuse.org/opensuse/leap": "opensuse leap",
    "quay.io/centos/centos": "centos stream",
    "public.ecr.aws/amazonlinux/amazonlinux": "amazonlinux",
    "registry.fedoraproject.org/fedora": "fedora",
    "quay.io/fedora/fedora": "fedora",
    "container-registry.oracle.com/os/oraclelinux": "oraclelinux",
    "ghcr.io/oracle/oraclelinux": "oraclelinux",
    "mcr.microsoft.com/dotnet/sdk": "dotnet",
    "mcr.microsoft.com/dotnet/aspnet": "dotnet",
    "mcr.microsoft.com/dotnet/runtime": "dotnet",
    "mcr.microsoft.com/dotnet/runtime-deps": "dotnet",
    "nginxinc/nginx-unprivileged": "nginx",
}
# Products whose support counts by the first two parts of the version, not by the first.
_TWO_PARTS = words("ubuntu alpine python php ruby perl golang mysql mariadb mongo redis nginx elixir") | {
    "opensuse leap"
}
# Tags that move within a release that is over as a whole.
_MOVING: dict[tuple[str, tuple[int, ...]], str] = {
    ("opensuse leap", (15,)): "15.6",
    ("mysql", (5,)): "5.7",
    ("mongo", (6,)): "6.0",
}


def tables() -> dict[str, _Table]:
    """The tables as they were taken, by product."""
    return dict(_TABLES)


def supports(name: str, tag: str | None) -> tuple[Support, ...]:
    """What is known of the support of an image: of its own version, and of the suite in its tag.

    Args:
        name: The normalised name.
        tag: The tag; "" for none, None when it is not known.
    """
    found: list[Support] = []
    product = _PRODUCTS.get(name, "")
    if not product and "/ubi" in f"/{name}":
        own = _ubi(name)
    else:
        own = _lookup(product, _cycle(product, tag)) if product and tag else None
    if own is not None:
        found.append(own)
    below = system(name, tag) if tag else None
    if below is not None and below[1] and below[0] in ("debian", "ubuntu", "alpine", "fedora"):
        stands_on = _lookup(below[0], below[1]) if below[0] != product and suite(tag or "") else None
        if stands_on is not None:
            found.append(stands_on)
    for word in (tag or "").split("-") if below is not None and product != "centos" else ():
        if word.startswith("centos") and (stands_on := _lookup("centos", dotted(version(word[6:])[:1]))):
            found.append(stands_on)
    return tuple(found)


def _cycle(product: str, tag: str | None) -> str:
    """The support cycle that a tag names; empty when it names none or moves between several."""
    first = (tag or "").partition("-")[0]
    if product in ("debian", "ubuntu"):
        named = suite(tag or "")
        if named is not None and named[0] == product:
            return named[1]
        return release_of(product, version(first))
    if product == "node":
        first = NODE_CODENAMES.get(first, first)
    if product == "centos" and first.startswith("centos"):
        first = first[6:]
    if product == "centos stream":
        if not first.startswith("stream"):
            return ""
        first = first[6:]
    numbers = version(first.replace("u", ".") if product in ("eclipse-temurin", "amazoncorretto") else first)
    if product == "amazonlinux" and numbers[:1] > (2016,) and numbers[:1] < (2020,):
        return "1"  # 2018.03
    moving = _MOVING.get((product, numbers))
    if moving is not None:
        return moving
    parts = 2 if product in _TWO_PARTS or (product == "postgres" and (0,) < numbers < (10,)) else 1
    if len(numbers) < parts:
        # `python:2` moves, but to nothing newer than 2.7.
        limit = _TABLES[product][0]
        return f"{numbers[0]}.x" if numbers and limit and numbers < version(limit[0])[:1] else ""
    return dotted(numbers[:parts])


def _lookup(product: str, cycle: str) -> Support | None:
    if not cycle:
        return None
    limit, dated, ended = _TABLES[product]
    gone = product == "centos"
    if product == "debian":
        gone = version(cycle) <= (10,)
    elif product == "ubuntu":
        gone = not _long_term(cycle)
    elif product == "centos stream":
        gone = version(cycle) <= (8,)
    numbers = version(cycle)
    for known, end in dated:
        if version(known) == numbers:
            return Support(product, known, end, True, gone)
    if cycle in ended:
        return Support(product, cycle, _day(product, dated), False, gone)
    if product == "ubuntu":
        # Every interim release up to 25.10 has ended.
        interim = not _long_term(cycle) and (10, 4) < numbers < (25, 10)
        return Support(product, cycle, "2026-07-01", False, True) if interim else None
    if limit is not None and (cycle.endswith(".x") or numbers <= version(limit[0])):
        return Support(product, cycle, limit[1], cycle == limit[0] and limit[1] != TAKEN, gone)
    return None


def _day(product: str, dated: Sequence[tuple[str, str | None]]) -> str:
    """A day by which versions without one of their own had ended."""
    return "2021-04-02" if product == "ubuntu" else dated[0][1] or TAKEN if product == "centos" else TAKEN


def _long_term(cycle: str) -> bool:
    year, _, month = cycle.partition(".")
    return month == "04" and year.isdigit() and int(year) % 2 == 0


def _ubi(name: str) -> Support | None:
    for part in name.split("/"):
        if part.startswith("ubi") and part[3:4].isdigit():
            return _lookup("ubi", dotted(version(part[3:])[:1]))
    return None


class Retired:
    """A repository that gets no more images.

    Args:
        since: The month or day, as ISO text; None when it is not known.
        successor: The repository that took its place; None when there is no single one.
    """

    __slots__ = ("since", "successor")

    def __init__(self, since: str | None, successor: str | None) -> None:
        self.since = since
        self.successor = successor

    def __repr__(self) -> str:
        return f"Retired({self.since}, {self.successor})"


_RETIRED = {
    "openjdk": Retired("2022-07", "eclipse-temurin"),
    "java": Retired(None, "eclipse-temurin"),
    "adoptopenjdk": Retired(None, "eclipse-temurin"),
    "centos": Retired(None, None),
    # docker-library/docs, opensuse/deprecated.md of 2019-07 (read 2026-11-24).
    "opensuse": Retired("2019-07", "opensuse/leap"),
    "jenkins": Retired(None, "jenkins/jenkins"),
    "vault": Retired(None, "hashicorp/vault"),
    "consul": Retired(None, "hashicorp/consul"),
}
# Where Microsoft's images on Docker Hub went, by what follows `microsoft/`.
_MICROSOFT = {
    "windowsservercore": "windows/servercore",
    "nanoserver": "windows/nanoserver",
    "windows": "windows",
    "iis": "windows/servercore/iis",
    "aspnet": "dotnet/framework/aspnet",
    "wcf": "dotnet/framework/wcf",
    "dotnet-framework": "dotnet/framework/runtime",
    "dotnet-framework-build": "dotnet/framework/sdk",
    "dotnet": "dotnet/sdk",
    "aspnetcore": "dotnet/aspnet",
    "aspnetcore-build": "dotnet/sdk",
    "powershell": "powershell",
    "azure-cli": "azure-cli",
    "mssql-server-linux": "mssql/server",
}
_DOTNET = (("aspnetcore", "dotnet/aspnet"), ("runtime-deps", "dotnet/runtime-deps"), ("runtime", "dotnet/runtime"))


def retired(name: str, tag: str | None) -> Retired | None:
    """Whether a repository is retired.

    Args:
        name: The normalised name.
        tag: The tag; "" for none, None when it is not known.
    """
    found = _RETIRED.get(name)
    if name == "opensuse" and tag == "tumbleweed":
        return Retired("2019-07", "opensuse/tumbleweed")
    if found is not None:
        return found
    head, slash, rest = name.partition("/")
    if not slash:
        return None
    if head == "adoptopenjdk":
        return Retired(None, "eclipse-temurin")
    if head == "microsoft":
        moved = _MICROSOFT.get(rest, "")
        if rest == "dotnet" and tag:
            moved = next((place for word, place in _DOTNET if word in tag), moved)
        return Retired(None, f"mcr.microsoft.com/{moved}" if moved else "mcr.microsoft.com")
    if head == "k8s.gcr.io":
        return Retired("2023-04", f"registry.k8s.io/{rest}")
    if name.startswith("mcr.microsoft.com/dotnet/core/"):
        return Retired(None, "mcr.microsoft.com/dotnet/" + name.rpartition("/")[2])
    if name.startswith(("gcr.io/google-containers/", "gcr.io/google_containers/")):
        return Retired(None, "registry.k8s.io/" + name.rpartition("/")[2])
    if head == "bitnami" and tag and version(tag):
        return Retired("2025-08-28", f"bitnamilegacy/{rest}")
    if name.startswith("gcr.io/distroless/"):
        return _retired_distroless(name)
    return None


def _retired_distroless(name: str) -> Retired | None:
    base, dash, debian = name.rpartition("-")
    image = base.rpartition("/")[2]
    language = image.startswith(("nodejs", "python3", "java"))
    if debian in ("debian9", "debian10", "debian11") or (debian == "debian12" and language):
        return Retired(None, f"{base}{dash}debian13")
    return None
