"""`tactful backup` and `tactful restore`: everything together, checked."""

from pathlib import Path
from typing import Annotated

import typer


def backup(
    target: Annotated[Path, typer.Argument(help="A folder, or a file that ends in .tar or .tar.gz; must be new.")],
    bundles: Annotated[bool, typer.Option("--bundles", help="With the trained bundles, which are large.")] = False,
) -> None:
    """Copy database, secret key, playbook, attachments and the list of who was forgotten; the service may run."""
    from wiring.backup import back_up
    from wiring.settings import load_settings

    made = back_up(load_settings(), target, with_bundles=bundles)
    typer.echo(
        f"{target}: {len(made.files)} files, checked. It holds the secret key: keep it where only you can read it."
    )


def restore(
    source: Annotated[Path, typer.Argument(help="A folder or file that `tactful backup` made.")],
    check: Annotated[bool, typer.Option("--check", help="Only look whether it is whole.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also over the database of another store.")] = False,
) -> None:
    """Put a backup back into this home. What is there is moved aside; nothing on its way out is sent."""
    from wiring import backup
    from wiring.settings import load_settings

    if check:
        copy = backup.check(source)
        typer.echo(f"{source}: whole, of {copy.made_at:%Y-%m-%d %H:%M} UTC, {len(copy.files)} files.")
        return
    held = backup.restore(load_settings(), source, is_forced=force)
    typer.echo(
        f"Restored. {held.get('replies', 0)} replies and {held.get('notices', 0)} notices are held; what went out "
        "since the backup is not known here: `tactful held list` names them, `tactful held release|sent|drop` "
        "settles each."
    )
