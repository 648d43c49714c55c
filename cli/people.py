"""`tactful people`: who may come in."""

import secrets
from datetime import datetime
from typing import Annotated

import typer

from care.access import Role
from care.ports import utc_now

people = typer.Typer(help="People who work here.", no_args_is_help=True)


def new_password() -> str:
    """A password nobody chose: 96 random bits."""
    return secrets.token_urlsafe(12)


@people.command("add")
def add_person(
    email: Annotated[str, typer.Argument(help="Their address; it is the login.")],
    name: Annotated[str, typer.Option(help="What colleagues call them.")] = "",
    role: Annotated[Role, typer.Option()] = Role.AGENT,
    checked: Annotated[bool, typer.Option("--checked", help="A colleague reads their replies first.")] = False,
) -> None:
    """Add a person; the password is made here and shown once."""
    from care.people import check_person, make_person
    from care.trail import OPERATOR
    from wiring.assemble import store
    from wiring.passwords import hash_password
    from wiring.settings import load_settings

    password = new_password()
    password_hash = hash_password(password)
    with store(load_settings())() as work:
        person = make_person(work, email, name or email.partition("@")[0], role, password_hash, now=utc_now())
        if checked:
            check_person(work, person.id, is_checked=True, by=OPERATOR)
    typer.echo(password)


@people.command("password")
def new_password_for(email: Annotated[str, typer.Argument(help="Whose.")]) -> None:
    """Set a new password, show it once, and sign the person out everywhere."""
    from care.people import change_password, the_person
    from wiring.assemble import store
    from wiring.passwords import hash_password
    from wiring.settings import load_settings

    password = new_password()
    password_hash = hash_password(password)
    with store(load_settings())() as work:
        change_password(work, the_person(work, email), password_hash)
    typer.echo(password)


@people.command("check")
def check_replies(
    email: Annotated[str, typer.Argument(help="Whose.")],
    off: Annotated[bool, typer.Option("--off", help="They go out without that from now on.")] = False,
) -> None:
    """Have a colleague read somebody's replies before they go out."""
    from care.people import check_person, the_person
    from care.trail import OPERATOR
    from wiring.assemble import store
    from wiring.settings import load_settings

    with store(load_settings())() as work:
        check_person(work, the_person(work, email).id, is_checked=not off, by=OPERATOR)


@people.command("away")
def set_away(
    email: Annotated[str, typer.Argument(help="Whose.")],
    until: Annotated[datetime | None, typer.Argument(formats=["%Y-%m-%d"], help="Back on this day; none: now.")] = None,
) -> None:
    """Give somebody no cases until a day; what is theirs and waits is given on."""
    from zoneinfo import ZoneInfo

    from care.people import be_away, the_person
    from care.trail import OPERATOR
    from wiring.assemble import Assembly
    from wiring.settings import load_settings

    parts = Assembly(load_settings())
    back = until.replace(tzinfo=ZoneInfo(parts.playbook.policy.zone)) if until else None
    with parts.store() as work:
        be_away(work, the_person(work, email).id, back, by=OPERATOR)


@people.command("sign")
def set_signature(
    email: Annotated[str, typer.Argument(help="Whose.")],
    signs_as: Annotated[str, typer.Argument(help="How they sign where a channel signs, such as AB; empty: not.")],
) -> None:
    """Set how somebody signs where a channel signs."""
    from care.people import sign_as, the_person
    from wiring.assemble import store
    from wiring.settings import load_settings

    with store(load_settings())() as work:
        sign_as(work, the_person(work, email).id, signs_as)


@people.command("list")
def list_people() -> None:
    """Everybody who may sign in."""
    from wiring.assemble import store
    from wiring.settings import load_settings

    with store(load_settings())() as work:
        for person in work.access.people():
            state = "active" if person.is_active else "off"
            state += ", replies read first" if person.is_checked else ""
            typer.echo(f"{person.email}\t{person.name}\t{person.role}\t{state}\t{person.id}\t{person.signs_as}")
