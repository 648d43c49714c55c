"""`tactful quarantine`: what channels handed in and nobody could read, for a person to look at, try again or drop."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import Format

if TYPE_CHECKING:
    from wiring.assemble import Assembly

app = typer.Typer(help="What channels handed in and nobody could read.", no_args_is_help=True)
Ids = Annotated[list[str] | None, typer.Argument(help="Ids that `tactful quarantine list` shows.")]
All = Annotated[bool, typer.Option("--all", help="Everything that is there.")]


@app.command("list")
def list_quarantine(
    channel: Annotated[str | None, typer.Option(help="Of this channel only.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 200,
    format: Format = "table",
) -> None:
    """Every item, the latest first: its id, channel, when it came last, how often, and why it could not be read."""
    from wiring.assemble import store
    from wiring.settings import load_settings
    from wiring.shapes.answers import QuarantinedOut

    with store(load_settings())(read=True) as work:
        for item in work.quarantine.page(channel=channel, limit=limit):
            if format == "jsonl":
                typer.echo(QuarantinedOut.of(item).as_line(), nl=False)
                continue
            came = f"{item.last_at:%Y-%m-%d %H:%M}\t{item.n_seen} times"
            typer.echo(f"{item.id}\t{item.channel}\t{item.door}\t{came}\t{item.problem}")


@app.command("show")
def show(item_id: Annotated[str, typer.Argument(help="The id that `tactful quarantine list` shows.")]) -> None:
    """One item as it is kept: masked, without its files; on standard error what is known of it."""
    from wiring.assemble import store
    from wiring.settings import load_settings

    with store(load_settings())(read=True) as work:
        item = work.quarantine.get(item_id)
    known = f"{item.channel}, {item.door}, {item.n_bytes} bytes: {item.problem}"
    typer.echo(known if item.is_whole else f"{known} (not all of it is kept)", err=True)
    typer.echo("withheld: it could not be checked" if item.content is None else item.content)


@app.command("retry")
def retry(ids: Ids = None, everything: All = False) -> None:
    """Try again what could not be read, as after an upgrade. Exit code 1 when something still cannot be."""
    from care.errors import BadStep, NotFound
    from care.trail import OPERATOR

    n_failed = 0
    with _assembly() as parts:
        for id in _named(parts, ids, everything):
            try:
                n = parts.quarantine.retry(parts.channels, id, by=OPERATOR)
                typer.echo(f"{id}: read, {n} kept")
            except (BadStep, NotFound) as error:
                n_failed += 1
                typer.echo(f"{id}: {error}")
    if n_failed:
        raise typer.Exit(1)


@app.command("drop")
def drop(ids: Ids = None, everything: All = False) -> None:
    """Remove items for good, unread."""
    from care.trail import OPERATOR

    with _assembly() as parts:
        for id in _named(parts, ids, everything):
            parts.quarantine.drop(id, by=OPERATOR)
            typer.echo(f"{id}: dropped")


def _assembly() -> "Assembly":
    from wiring.assemble import Assembly
    from wiring.settings import load_settings

    return Assembly(load_settings(), is_patient=True)


def _named(parts: "Assembly", ids: list[str] | None, everything: bool) -> list[str]:
    if not everything:
        return ids or []
    with parts.store(read=True) as work:
        return [item.id for item in work.quarantine.page(limit=10_000)]
