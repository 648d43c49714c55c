"""`tactful keys`: keys of programs."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from care.access import Scope
from care.ports import utc_now
from care.trail import OPERATOR

app = typer.Typer(help="Keys of programs.", no_args_is_help=True)

_SPAN = re.compile(r"(\d{1,4})([hdw])\Z")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def read_end(text: str) -> datetime | None:
    """When a key ends: `90d`, `12h`, `4w`, or a date; None for "never"."""
    if text == "never":
        return None
    span = _SPAN.match(text)
    if span is not None:
        return utc_now() + int(span.group(1)) * _UNITS[span.group(2)]
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise typer.BadParameter("say 90d, 12h, 4w, a date such as 2027-01-31, or never") from None


@app.command("create")
def create_key(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; give it once for each.")] = [Scope.CLASSIFY],  # noqa: B006
    expires: Annotated[str, typer.Option(help="When it ends: 90d, 12h, 4w, a date, or never.")] = "never",
    is_test: Annotated[
        bool, typer.Option("--test", help="What it hands in is a sample that nobody is sent an answer to.")
    ] = False,
) -> None:
    """Make a key and show it once."""
    from care.service_keys import make_key
    from wiring.assemble import store
    from wiring.settings import load_settings

    ends_at = read_end(expires)
    with store(load_settings())() as work:
        secret, _ = make_key(work, name, scope, now=utc_now(), by=OPERATOR, expires_at=ends_at, is_test=is_test)
    typer.echo(secret)


@app.command("list")
def list_keys(as_json: Annotated[bool, typer.Option("--json", help="One object a line.")] = False) -> None:
    """Every key, without its secret: who it is for, what it may do, and when it was last used."""
    from wiring.assemble import store
    from wiring.settings import load_settings
    from wiring.shapes.events import KeyOut

    with store(load_settings())(read=True) as work:
        keys = work.access.keys()
    for key in keys:
        if as_json:
            typer.echo(KeyOut.of(key).as_line(), nl=False)
            continue
        state = "active" if key.is_living(utc_now()) else "revoked" if key.revoked_at else "expired"
        ends = f"until {key.expires_at:%Y-%m-%d %H:%M}" if key.expires_at else "no end"
        used = f"used {key.used_at:%Y-%m-%d %H:%M}" if key.used_at else "never used"
        scopes = ",".join(sorted(key.scopes))
        typer.echo(f"{key.id}\t{key.prefix}…\t{key.name}\t{scopes}\t{state}\t{ends}\t{used}")


@app.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(help="The id that `tactful keys list` shows.")]) -> None:
    """End a key. A running service turns it away within two seconds."""
    from care.service_keys import revoke_key as end_key
    from wiring.assemble import store
    from wiring.settings import load_settings

    with store(load_settings())() as work:
        end_key(work, key_id, by=OPERATOR, at=utc_now())
