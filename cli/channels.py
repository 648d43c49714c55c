"""`tactful channels`: which ones send, and the one way to switch one on."""

from typing import Annotated

import typer

from cli.options import Format

app = typer.Typer(help="Where messages come from and replies go.", no_args_is_help=True)


@app.command("list")
def list_channels(format: Format = "table") -> None:
    """Every channel to customers: its name, kind, who can read it, and whether it sends."""
    from wiring.assemble import store
    from wiring.channels import to_customers
    from wiring.settings import load_settings
    from wiring.shapes.answers import ChannelOut

    settings = load_settings()
    with store(settings)(read=True) as work:
        on = work.switches.on()
    for name, channel in sorted(to_customers(settings).items()):
        if format == "jsonl":
            is_set_up = channel.kind != "rehearsal"
            since = on.get(name) if is_set_up else None
            shown = ChannelOut(
                name=name, kind=channel.kind, is_public=channel.public, is_set_up=is_set_up, live_since=since
            )
            typer.echo(shown.as_line(), nl=False)
            continue
        state = "rehearses; not set up"
        if channel.kind != "rehearsal":
            state = f"live since {on[name]:%Y-%m-%d}" if name in on else f"rehearses; tactful channels go-live {name}"
        typer.echo(f"{name}\t{channel.kind}\t{'public' if channel.public else 'private'}\t{state}")


@app.command("go-live")
def go_live(
    name: Annotated[str, typer.Argument(help="The channel, as `tactful channels list` names it.")],
    to: Annotated[str, typer.Option(help="Who gets the test message: an address or handle of yours.")] = "",
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    is_answered_elsewhere: Annotated[
        bool,
        typer.Option(
            "--answered-elsewhere", help="Who got rehearsed answers heard from you elsewhere: archive them too."
        ),
    ] = False,
) -> None:
    """Try a channel with a test message, clear up after its rehearsal, and switch it on.

    Samples are archived. Real customers who only got rehearsed answers stay open, with their clocks.
    """
    from wiring.assemble import Assembly, going_live
    from wiring.settings import load_settings

    going, channel = going_live(Assembly(load_settings()), name)
    typer.echo(f"{channel.check(to)}.")
    ahead = going.ahead()
    then = "will be archived too" if is_answered_elsewhere else "will be open, with their clocks"
    typer.echo(f"{ahead.n_samples:,} samples will be archived.")
    typer.echo(f"{ahead.n_unanswered:,} conversations with answers that only rehearsed {then}.")
    if not is_sure:
        typer.confirm(f"From now on {name} sends what people approve. Switch it on?", abort=True)
    is_first = going.go(is_answered_elsewhere=is_answered_elsewhere)
    typer.echo(f"{name} is live." if is_first else f"{name} was live already; its rehearsal is cleared up.")
