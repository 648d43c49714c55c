"""`tactful`: starts a door, does nothing itself."""

import os
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from care.errors import TactfulError
from cli import failures
from cli.backup import backup, restore
from cli.bundles import compare, list_bundles, promote, rollback
from cli.channels import app as channels
from cli.classify import classify
from cli.corrections import app as corrections
from cli.crisis import app as crisis
from cli.data import app as data
from cli.doctor import doctor
from cli.draft import draft
from cli.drift import drift
from cli.encoder import app as encoder
from cli.evaluate import evaluate
from cli.forget import forget, person, retention
from cli.held import app as held
from cli.history import import_history
from cli.keys import app as keys
from cli.knowledge import app as knowledge
from cli.mail import app as mail
from cli.people import people
from cli.plan import app as plan
from cli.playbook import app as playbook
from cli.quarantine import app as quarantine
from cli.redact import redact
from cli.report import report
from cli.score import score
from cli.secrets import app as secrets
from cli.serve import openapi, serve, sweep, worker
from cli.staffing import staffing
from cli.tasks import app as tasks
from cli.tone import tone
from cli.train import train, train_default
from cli.up import up
from cli.upkeep import accept, audit, migrate
from cli.webhooks import app as webhooks


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"tactful {version('tactful')}")
        raise typer.Exit


app = typer.Typer(
    name="tactful",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def tactful(
    _: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Reads what customers write, drafts a tactful reply, and lets a person decide."""


app.command()(up)
app.command()(classify)
app.command()(score)
app.command()(draft)
app.command()(redact)
app.command()(tone)
app.command()(train)
app.command(name="train-default")(train_default)
app.command()(evaluate)
app.command()(compare)
app.command()(promote)
app.command()(rollback)
app.command(name="bundles")(list_bundles)
app.command()(doctor)
app.command()(report)
app.command()(drift)
app.command()(staffing)
app.command(name="import")(import_history)
app.add_typer(playbook, name="playbook")
app.add_typer(plan, name="plan")
app.add_typer(crisis, name="crisis")
app.add_typer(knowledge, name="knowledge")
app.add_typer(people, name="people")
app.add_typer(keys, name="keys")
app.add_typer(secrets, name="secrets")
app.add_typer(webhooks, name="webhooks")
app.add_typer(data, name="data")
app.add_typer(corrections, name="corrections")
app.add_typer(channels, name="channels")
app.add_typer(tasks, name="tasks")
app.add_typer(quarantine, name="quarantine")
app.add_typer(encoder, name="encoder")
app.add_typer(mail, name="mail")
app.command()(openapi)
app.add_typer(held, name="held")
app.add_typer(person, name="person")
app.add_typer(audit, name="audit")
app.add_typer(accept, name="accept")
app.command()(backup)
app.command()(restore)
app.command()(forget)
app.command()(retention)
app.command()(migrate)
app.command()(serve)
app.command()(worker)
app.command()(sweep)


def main() -> None:
    """Run one command; our own errors become one line and an exit code."""
    try:
        try:
            app()
        finally:
            # What a full disk did not take is told here, not while Python ends.
            sys.stdout.flush()
    except TactfulError as error:
        failures.tell(error, as_json="--json" in sys.argv)
        raise SystemExit(failures.exit_code(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(failures.INTERRUPTED) from None
    except BrokenPipeError:
        # Somebody piped us into `head`.
        _leave_stdout()
        raise SystemExit(0) from None
    except OSError as error:
        _leave_stdout()
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
        sys.stderr.write(f"tactful: {what}. What was not written whole is as it was before.\n")
        raise SystemExit(1) from None


def _leave_stdout() -> None:
    """Python would complain again while closing what cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
