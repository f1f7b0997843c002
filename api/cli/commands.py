"""The words of the `muhatap` command and what each of them takes."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from graph.tokens import Role

app = typer.Typer(
    name="muhatap",
    help="A GraphQL backend for a community-driven social CRM.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on; default: MUHATAP_HOST.")]
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="Port to listen on, 0 for a free one; default: MUHATAP_PORT."),
]


class Runnable(StrEnum):
    """What `run` computes."""

    INFLUENCE = "influence"
    TALLY = "tally"
    ANALYSIS = "analysis"
    COMMUNITIES = "communities"


class Pictured(StrEnum):
    """What `picture` draws."""

    COMMUNITY = "community"
    CUSTOMER = "customer"


class Language(StrEnum):
    """What a report is written in."""

    EN = "en"
    TR = "tr"


class Benchmark(StrEnum):
    """What `bench` measures."""

    QUALITY = "quality"
    VOTES = "votes"
    INFLUENCE = "influence"
    IMPORT = "import"
    LIVE = "live"
    ATTACKS = "attacks"
    RINGS = "rings"
    SIMILAR = "similar"


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        from api.cli.shell import say

        say(f"muhatap {version('muhatap')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    traceback: Annotated[
        bool, typer.Option("--traceback", help="Show where a fault happened, beside the one line.")
    ] = False,
) -> None:
    """A GraphQL backend for a community-driven social CRM."""


@app.command()
def demo(
    serve: Annotated[bool, typer.Option(help="Serve the API after the tables.")] = True,
    host: Host = None,
    port: Port = None,
    json: Json = False,
) -> None:
    """Load the example community, compute, rank, then serve."""
    from api.cli.demo import demo as run

    run(serve=serve, host=host, port=port, json=json)


@app.command()
def serve(host: Host = None, port: Port = None) -> None:
    """Serve the API; with the embedded queue do the jobs too."""
    from api.cli.serving import serve as run

    run(host=host, port=port)


@app.command()
def worker() -> None:
    """Do the jobs until stopped."""
    from api.cli.serving import worker as run

    run()


@app.command()
def migrate(json: Json = False) -> None:
    """Bring the schema of the graph up to this version."""
    from api.cli.data import migrate as run

    run(json=json)


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of CSV or JSON lines files.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check all, write nothing.")] = False,
    rejected: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Where rejected rows go; default: DIR/rejected.csv.")
    ] = None,
    json: Json = False,
) -> None:
    """Import a folder; running it again changes nothing."""
    from api.cli.data import import_folder

    import_folder(folder, dry_run=dry_run, rejected=rejected, json=json)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write, made if it is not there.")],
    challenge: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this challenge and what it needs elsewhere.")
    ] = None,
    audience: Annotated[
        str | None, typer.Option(metavar="ID", help="Only the customers who may take part in this challenge.")
    ] = None,
    json: Json = False,
) -> None:
    """Export the graph as a folder that `import` reads, with the computed numbers beside it."""
    from api.cli.data import export_folder

    export_folder(folder, challenge=challenge, audience=audience, json=json)


@app.command()
def run(
    what: Annotated[
        Runnable, typer.Argument(metavar="WHAT", help="influence, tally, communities or analysis.")
    ],
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="T",
            help="Count what happened until this instant, or the start of this day in UTC; default: the latest act.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Compute scores, tallies or communities and publish them in one switch, or read new mentions' mood."""
    from api.cli.runs import run as compute

    compute(what.value, as_of=as_of, json=json)


@app.command()
def picture(
    what: Annotated[Pictured, typer.Argument(metavar="WHAT", help="community or customer.")],
    external_id: Annotated[str, typer.Argument(metavar="ID", help="Its id in the import folder.")],
    out: Annotated[
        str | None,
        typer.Option(metavar="FILE.svg", help="Where to write; - is stdout; default: WHAT-ID.svg here."),
    ] = None,
) -> None:
    """Draw as SVG: a community, with who is heard and answers whom, or the scores of a customer over the runs."""
    from api.cli import picture as pictures

    draw = {Pictured.COMMUNITY: pictures.community, Pictured.CUSTOMER: pictures.customer}[what]
    draw(external_id, out=out)


@app.command()
def report(
    challenge: Annotated[str, typer.Argument(metavar="CHALLENGE", help="Its id in the import folder.")],
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.html", help="Where to write; - is stdout; default: report-CHALLENGE.html here."
        ),
    ] = None,
    locale: Annotated[Language, typer.Option(case_sensitive=False, help="en or tr.")] = Language.EN,
) -> None:
    """Write a challenge as one HTML file: tally, opinion map and groups, agreement, decisions and answers."""
    from api.cli.report import report as run

    run(challenge, to=to, locale=locale.value.upper())


@app.command()
def schema(
    check: Annotated[
        bool, typer.Option("--check", help="Compare with schema.graphql here; exit code 1 if it differs.")
    ] = False,
) -> None:
    """Print the GraphQL schema."""
    from api.cli.tools import schema as run

    run(check=check)


@app.command()
def token(
    role: Annotated[Role, typer.Option(case_sensitive=False, help="What the token may do.")],
    name: Annotated[str | None, typer.Option(help="What it is for; default: the role.")] = None,
    customer: Annotated[
        str | None, typer.Option(metavar="EXTERNAL_ID", help="The customer it speaks for.")
    ] = None,
    days: Annotated[float | None, typer.Option(min=0, help="Days until it ends; default: never.")] = None,
    json: Json = False,
) -> None:
    """Make a token for the API and print it: this once, only its hash is kept."""
    from api.cli.tokens import token as run

    run(role.value, name=name, customer=customer, days=days, json=json)


@app.command()
def tokens(json: Json = False) -> None:
    """List the tokens, without their secrets."""
    from api.cli.tokens import listed

    listed(json=json)


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(metavar="ID", help="Its id as tokens lists it, not the secret.")],
) -> None:
    """End a token at once."""
    from api.cli.tokens import revoke as run

    run(token)


@app.command()
def doctor(json: Json = False) -> None:
    """Look at everything that may be wrong and say how to mend it."""
    from api.cli.tools import doctor as run

    run(json=json)


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def bench(
    context: typer.Context,
    what: Annotated[
        Benchmark,
        typer.Argument(metavar="WHAT", help=f"One of {', '.join(Benchmark)}."),
    ],
) -> None:
    """Measure against the named peers; words behind WHAT go to that benchmark: quality DATA --json."""
    from api.cli.tools import bench as run

    run(what.value, context.args)
