"""How the usual ecosystems go from one stage to two: build there, copy the product here.

Source: the images' and tools' own documentation, read 2026-11-24. `{tag}` is the tag in use, `{version}` its version,
`{suite}` the Debian suite below the build image, `{name}` the product's name.
"""

from __future__ import annotations


class Ecosystem:
    """One row.

    Args:
        name: "node", "python", "go", ...
        build_images: The normalised names of images that build it.
        build_image: The image of the first stage.
        build: The commands there.
        run_image: The image of the second stage; empty when that is the user's choice.
        copies: What goes over, as (from, to); a source ending in `...` stands for what the file itself names.
        env: Environment the second stage needs.
        toolchain: Whether the build images hold nothing but a toolchain, so that no product runs on them by design.
        display: Why the two-stage file can only be shown; empty when it may be generated.
    """

    __slots__ = (
        "build",
        "build_image",
        "build_images",
        "copies",
        "display",
        "env",
        "name",
        "run_image",
        "toolchain",
    )

    def __init__(
        self,
        name: str,
        build_images: tuple[str, ...],
        build_image: str,
        build: tuple[str, ...],
        run_image: str,
        copies: tuple[tuple[str, str], ...],
        env: tuple[str, ...] = (),
        toolchain: bool = False,
        display: str = "",
    ) -> None:
        self.name = name
        self.build_images = build_images
        self.build_image = build_image
        self.build = build
        self.run_image = run_image
        self.copies = copies
        self.env = env
        self.toolchain = toolchain
        self.display = display

    def __repr__(self) -> str:
        return f"Ecosystem({self.name})"


ECOSYSTEMS = (
    Ecosystem(
        "node",
        ("node",),
        "node:{tag}",
        ("npm ci", "npm run build", "npm prune --omit=dev"),
        "node:{slim}",
        (("package.json", "./"), ("node_modules", "./node_modules"), ("{output}", "./{output}")),
    ),
    Ecosystem(
        "node static",
        ("node",),
        "node:{tag}",
        ("npm ci", "npm run build"),
        "",
        (("{output}", "..."),),
        display="the web server is the author's choice",
    ),
    Ecosystem(
        "python",
        ("python",),
        "python:{tag}",
        ("python -m venv /opt/venv", "/opt/venv/bin/pip install ..."),
        "python:{slim}",
        (("/opt/venv", "/opt/venv"), ("...", "...")),
        env=("PATH=/opt/venv/bin:$PATH",),
    ),
    Ecosystem(
        "go",
        ("golang",),
        "golang:{tag}",
        ('CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/app',),
        "gcr.io/distroless/static-debian13:nonroot",
        (("/out/app", "/app"),),
        toolchain=True,
    ),
    Ecosystem(
        "rust",
        ("rust",),
        "rust:{tag}",
        ("cargo build --release --locked",),
        "debian:{suite}-slim",
        (("target/release/{name}", "/usr/local/bin/{name}"),),
        toolchain=True,
    ),
    Ecosystem(
        "java",
        ("maven", "gradle", "sbtscala/scala-sbt", "hseeberger/scala-sbt"),
        "{image}:{tag}",
        ("mvn package", "gradle build"),  # tests are never switched off
        "eclipse-temurin:{version}-jre",
        (("{jar}", "app.jar"),),
        toolchain=True,
    ),
    Ecosystem(
        "dotnet",
        ("mcr.microsoft.com/dotnet/sdk",),
        "mcr.microsoft.com/dotnet/sdk:{tag}",
        ("dotnet publish -c Release -o /out",),
        # runtime instead when ASP.NET is not referenced
        "mcr.microsoft.com/dotnet/aspnet:{version}",
        (("/out", "."),),
        toolchain=True,
    ),
    Ecosystem(
        "php",
        ("composer", "php"),
        "php:{tag}",
        ("composer install --no-dev",),
        "php:{tag}",
        (("vendor", "vendor"), ("...", "..."), ("/usr/local/lib/php/extensions", "/usr/local/lib/php/extensions")),
    ),
    Ecosystem(
        "ruby",
        ("ruby",),
        "ruby:{tag}",
        ("bundle install",),
        "ruby:{slim}",
        (("/usr/local/bundle", "/usr/local/bundle"), ("...", "...")),
        env=("BUNDLE_WITHOUT=development:test", "BUNDLE_DEPLOYMENT=1"),
        display="the runtime libraries of native gems are not known",
    ),
    Ecosystem(
        "c",
        ("gcc", "buildpack-deps"),
        "{image}:{tag}",
        ("make", "make install DESTDIR=/out"),
        "debian:{suite}-slim",
        (("/out", "/"),),
        toolchain=True,
        display="the runtime libraries are not known",
    ),
)
_BY_NAME = {ecosystem.name: ecosystem for ecosystem in ECOSYSTEMS}


def ecosystem(name: str) -> Ecosystem | None:
    """The row of that name."""
    return _BY_NAME.get(name)
