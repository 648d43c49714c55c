"""`tactful held`: what was on its way out when the store was put back from a copy, for a person to release or drop."""

from typing import Annotated

import typer

app = typer.Typer(help="What was held because the store was put back from a copy.", no_args_is_help=True)
Ids = Annotated[list[str] | None, typer.Argument(help="Ids that `tactful held list` shows.")]
All = Annotated[bool, typer.Option("--all", help="Everything that is held.")]


@app.command("list")
def list_held() -> None:
    """Every held reply and notice; channels that can tell are asked first."""
    from care.holding import ask, held
    from wiring.assemble import Assembly
    from wiring.settings import load_settings

    parts = Assembly(load_settings())
    ask(parts.store, parts.channels)
    replies, notices = held(parts.store)
    for reply in replies:
        place = f"{reply.address.channel}\t{reply.sending.stage}"
        typer.echo(f"{reply.id}\t{place}\t{reply.consent.approved_at:%Y-%m-%d %H:%M}\t{reply.case_id}")
    for id in notices:
        typer.echo(f"{id}\tnotices")


@app.command("release")
def release_held(ids: Ids = None, everything: All = False) -> None:
    """Have it sent after all."""
    _each(ids, everything, "release")


@app.command("sent")
def sent_held(ids: Ids = None, everything: All = False) -> None:
    """You saw it on the channel: it has gone out."""
    _each(ids, everything, "sent")


@app.command("drop")
def drop_held(ids: Ids = None, everything: All = False) -> None:
    """Never send it; its case is open again."""
    _each(ids, everything, "drop")


def _each(ids: list[str] | None, everything: bool, how: str) -> None:
    from care.casework import Casework
    from care.holding import drop, held, mark_sent, release
    from care.trail import OPERATOR
    from wiring.assemble import Assembly
    from wiring.settings import load_settings

    desk = Assembly(load_settings()).answering
    if everything:
        replies, notices = held(desk.store)
        ids = [*(reply.id for reply in replies), *(notices if how == "release" else [])]
    for id in ids or []:
        if how == "release":
            release(desk, Casework(desk), id, by=OPERATOR)
        elif how == "sent":
            mark_sent(desk.store, id, by=OPERATOR)
        else:
            drop(desk, id, by=OPERATOR)
        typer.echo(f"{id}: {how}")
