"""`tactful crisis`: declare a crisis, end it, and see whether one is on."""

from typing import Annotated

import typer

from care.trail import OPERATOR

app = typer.Typer(help="Crisis mode: one approved statement until a person ends it.", no_args_is_help=True)

Listed = list[str] | None


@app.command("begin")
def begin_crisis(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    reason: Annotated[str, typer.Option(help="Why it is one.")],
    public: Annotated[str, typer.Option(help="The statement in public.")],
    private: Annotated[str, typer.Option(help="The statement in private.")],
    approved_by: Annotated[str, typer.Option(help="Who signed for these words.")],
    about: Annotated[Listed, typer.Option(help="intent=NAME, channel=NAME or a phrase; give it once for each.")] = None,
    drill: Annotated[bool, typer.Option("--drill", help="Practise: no draft changes, nothing of it is sent.")] = False,
) -> None:
    """Declare a crisis; while it is on, what matches gets the statement as its first draft."""
    from care.crisis import CrisisMatter, Statement
    from care.crisis_mode import CrisisWish
    from wiring.assemble import Assembly
    from wiring.settings import load_settings

    kept: dict[str, list[str]] = {"intent": [], "channel": [], "": []}
    for item in about or []:
        kind, is_kind, rest = item.partition("=")
        kept[kind if is_kind and kind in kept else ""].append(rest if is_kind and kind in kept else item)
    matter = CrisisMatter(tuple(kept["intent"]), tuple(kept[""]), tuple(kept["channel"]))
    wish = CrisisWish(name, reason, matter, Statement(public, private, approved_by), drill)
    with Assembly(load_settings()) as parts:
        crisis = parts.crisis_desk.begin(wish, by=OPERATOR)
    typer.echo(f"{'drill' if crisis.is_drill else 'crisis'} {crisis.id} is on")


@app.command("end")
def end_crisis() -> None:
    """End the one that is on; what waits is drafted as before."""
    from wiring.assemble import Assembly
    from wiring.settings import load_settings

    with Assembly(load_settings()) as parts:
        with parts.store(read=True) as work:
            on = work.crises.on()
        if on is None:
            typer.echo("no crisis is on")
            return
        parts.crisis_desk.end(on.id, by=OPERATOR)
    typer.echo(f"{on.id} is over")


@app.command("show")
def show_crisis(as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False) -> None:
    """Whether one is on, what is said, who decided it, and how many cases it is about."""
    import sys

    from wiring.assemble import store
    from wiring.settings import load_settings
    from wiring.shapes.crisis import CrisisStandingOut

    with store(load_settings())(read=True) as work:
        standing = CrisisStandingOut.of_work(work)
    if as_json:
        sys.stdout.write(standing.as_line())
        return
    on = standing.on
    if on is None:
        typer.echo("no crisis is on")
        return
    typer.echo(f"{'DRILL ' if on.is_drill else ''}{on.name}: {on.n_matched} cases, {on.n_answered} answered with it")
    typer.echo(f"public:  {on.statement.public_text}\nprivate: {on.statement.private_text}")
    typer.echo(f"approved by {on.statement.approved_by}")
    for line in on.log:
        typer.echo(f"{line.at:%Y-%m-%d %H:%M} {line.step} by {line.by}")
