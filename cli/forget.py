"""`tactful forget`, `tactful person`, `tactful retention`: what is kept of customers, and for how long."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from care.forgetting import Forgetting
    from wiring.settings import Settings

person = typer.Typer(help="What is kept of one customer.", no_args_is_help=True)
Who = Annotated[str, typer.Argument(help="A customer's id, `channel:handle`, or a handle or address only they have.")]


def forget(
    who: Who,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One object on stdout.")] = False,
) -> None:
    """Delete everything that is kept of a customer, here and after every restore; a proof without the data stays."""
    from care.trail import OPERATOR

    _, steps = _open()
    identities = steps.customer(who)
    if not yes:
        typer.confirm(f"Delete everything of {len(identities)} identities, for good?", abort=True)
    done = steps.forget(who, by=OPERATOR)
    if as_json:
        sys.stdout.write(json.dumps({**asdict(done), "at": done.at.isoformat()}) + "\n")
        return
    typer.echo(
        f"Forgotten: {done.cases} cases. Removed: " + ", ".join(f"{n} {name}" for name, n in done.removed.items())
    )
    if done.bundles:
        typer.echo(f"These bundles learnt from their messages; train them anew without: {', '.join(done.bundles)}")
    for proof in done.proofs:
        typer.echo(f"proof {proof}")


@person.command("export")
def export_person(
    who: Who,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A new file; without it, standard output.")] = None,
) -> None:
    """Everything that is kept of a customer, as one JSON file."""
    _, steps = _open()
    said = json.dumps({"customer": who, "data": steps.everything(who)}, ensure_ascii=False, indent=1) + "\n"
    if out is None:
        sys.stdout.write(said)
        return
    with open(out, "x", encoding="utf-8") as file:
        out.chmod(0o600)
        file.write(said)


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")] = False,
) -> None:
    """Delete cases that are older than the settings keep them; the sweep does it every night."""
    settings, steps = _open()
    done = steps.retire(settings.retention.days, settings.channels, is_dry=dry_run)
    for name, n in done.items():
        typer.echo(f"{name}\t{n} cases {'would be' if dry_run else 'were'} deleted")
    if not done:
        typer.echo("Nothing is over." if settings.retention.days else "Everything is kept: set `retention.days`.")


def _open() -> "tuple[Settings, Forgetting]":
    from wiring.assemble import Assembly
    from wiring.opening import forgetting
    from wiring.settings import load_settings

    settings = load_settings()
    return settings, forgetting(Assembly(settings))
