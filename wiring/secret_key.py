"""The deployment's secret key: what channels, endpoints and links derive their secrets from."""

import os
import secrets
from pathlib import Path

from care.errors import BadSettings
from wiring.beside import read_epoch
from wiring.settings import Settings


def secret_key(settings: Settings) -> str:
    """The deployment's secret key: the one that is set, else one made once and kept in the home folder."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.home / "secret.key"
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        if read_epoch(settings.home) is not None:
            raise BadSettings(
                f"{path} is missing, and this home was used with it: a new one would refuse every channel and link. "
                "Put it back from a backup, or set TACTFUL_SECRET_KEY; if it is lost: `tactful accept key`."
            ) from None
        return make_secret_key(path)


def make_secret_key(path: Path) -> str:
    """Made whole under another name first: of two processes that start at once both end up with the same key."""
    draft = path.with_name(f".secret-{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text("ascii").strip()
