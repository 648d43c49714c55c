"""`tactful migrate`, `tactful accept` and `tactful audit`: the store and what belongs to it."""

import typer

accept = typer.Typer(help="Say that what tactful refuses at the start is right.", no_args_is_help=True)
audit = typer.Typer(help="The audit trail.", no_args_is_help=True)


def migrate() -> None:
    """Bring the tables up to the version that this tactful works with; make a backup first."""
    from wiring.assemble import migrate as bring_up_to_date
    from wiring.settings import load_settings

    typer.echo(f"The tables are of version {bring_up_to_date(load_settings())}.")


@accept.command("database")
def accept_database() -> None:
    """This database belongs to this home from now on. What is on its way out in it is held."""
    from wiring.assemble import migrate as bring_up_to_date
    from wiring.opening import check_in
    from wiring.settings import load_settings

    settings = load_settings()
    bring_up_to_date(settings)
    held = check_in(settings, is_accepted=True)
    typer.echo(f"Accepted. {held.get('replies', 0)} replies are held: `tactful held list`.")


@accept.command("key")
def accept_key() -> None:
    """The secret key that is set, or a new one where none is left, is right from now on."""
    from wiring import opening
    from wiring.settings import load_settings

    opening.accept_key(load_settings())
    typer.echo("Accepted. Channels without secrets of their own have new ones now.")


@audit.command("verify")
def verify_audit() -> None:
    """Recompute the hash chain over the audit trail and compare its seals with those kept outside of the store."""
    from wiring.assemble import store
    from wiring.beside import anchors
    from wiring.settings import load_settings

    settings = load_settings()
    with store(settings)(read=True) as work:
        verified = work.seals.verify(anchors(settings.home))
    if verified.problem:
        typer.echo(f"The audit trail is NOT whole. {verified.problem}", err=True)
        raise typer.Exit(1)
    typer.echo(
        f"Whole: {verified.n_events} events under {verified.n_seals} seals, {verified.n_forgotten} of them emptied for "
        f"customers who were forgotten; {verified.n_open} too young to be sealed."
    )
