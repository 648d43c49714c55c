"""`tactful playbook new`, `plays` and `take`: begin a playbook, see where each play comes from, make one your own."""

import json
import sys
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated

import typer

from cli.options import grouped

Folder = Annotated[Path | None, typer.Option("--playbook", help="Folder of the playbook; without it the default one.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
_QUESTIONS = {
    "brand": "What is your brand called",
    "accounts": "Your accounts, such as x=@handle, email=care@brand.com",
    "hours": "When are you there",
    "contacts": "E-mail for customers, e-mail of who decides, telephone, link of a form",
    "private_channel": "Where does a public conversation go on in private",
    "tone": "Your tone: friendly, formal or playful",
    "languages": "Languages that your team speaks, English first",
}


@dataclass(frozen=True, kw_only=True)
class Seven:
    """The answers that a playbook begins with; what is left out is asked at a terminal, else taken as is sensible."""

    brand: Annotated[str | None, typer.Option(help="What you are called.")] = None
    accounts: Annotated[str | None, typer.Option(help="x=@handle, email=care@brand.com, ...")] = None
    hours: Annotated[str | None, typer.Option(help="Europe/Berlin mon-fri 08:00-20:00, sat 10:00-16:00")] = None
    contacts: Annotated[
        str | None, typer.Option(help="E-mail for customers, e-mail of who decides, telephone, https link of a form.")
    ] = None
    private_channel: Annotated[str | None, typer.Option(help="Where it goes on in private: a direct message.")] = None
    tone: Annotated[str | None, typer.Option(help="friendly, formal or playful.")] = None
    languages: Annotated[str | None, typer.Option(help="en, de, ...: English first.")] = None


@grouped
def new(
    answers: Seven,
    folder: Annotated[Path | None, typer.Argument(help="A new folder.", show_default=False)] = None,
    trade: Annotated[
        str | None, typer.Option(help="What you do; --list says what is there.", show_default=False)
    ] = None,
    list_them: Annotated[bool, typer.Option("--list", help="Say which trades there are.")] = False,
) -> None:
    """Begin a playbook for your trade: seven questions, each an option too, and a folder that is ready to draft."""
    from wiring.own_playbook import begin, sensible_answers, trades

    if list_them:
        for name, about in trades().items():
            sys.stdout.write(f"{name:<10} {about}\n")
        return
    if folder is None or trade is None:
        raise typer.BadParameter(f"Give a new folder and --trade: {', '.join(trades())}.")
    told = {flag.name: getattr(answers, flag.name) for flag in fields(answers)}
    sensible = sensible_answers(folder)
    if sys.stdin.isatty():
        told |= {
            name: typer.prompt(_QUESTIONS[name], default=sensible[name], err=True)
            for name, answer in told.items()
            if answer is None
        }
    begin(folder, trade, {name: answer or sensible[name] for name, answer in told.items()})
    sys.stderr.write(f"{folder} is ready: `tactful playbook lint {folder} --strict`, then\n")
    sys.stderr.write(f'`tactful draft "..." --channel x --playbook {folder}`\n')


def plays(
    folder: Folder = None,
    as_json: AsJson = False,
) -> None:
    """List every play, where it comes from, and what it is for."""
    from wiring.own_playbook import list_plays

    for play in list_plays(_place(folder)):
        origin = play.source.origin or "this playbook"
        if as_json:
            line = json.dumps(
                {"play": play.id, "from": play.source.origin, "title": play.title, "file": play.source.file}
            )
        else:
            line = f"{play.id:<26} {origin:<14} {play.title}"
        sys.stdout.write(line + "\n")


def take(
    play: Annotated[str, typer.Argument(help="Id of a play that comes from a base.")],
    folder: Folder = None,
) -> None:
    """Copy a play of a base into the playbook, to change its words there."""
    from wiring.own_playbook import take_over

    path = take_over(_place(folder), play)
    sys.stderr.write(f"{path} takes the place of the base's {play} now\n")


def _place(folder: Path | None) -> Path:
    from wiring.settings import load_settings

    return load_settings(**({"playbook": folder} if folder else {})).playbook
