"""The console's own files under an address that changes with them: a browser keeps them and is never behind."""

import hashlib
from pathlib import Path

STATIC = Path(__file__).parent / "static"


def digest_of(folder: Path) -> str:
    """Eight digits for everything in a folder, names and contents."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()[:8]


ADDRESS = f"/static/{digest_of(STATIC)}"


def asset(name: str) -> str:
    """Where a file of ours is fetched: `console.css` -> `/static/3f2a91c0/console.css`."""
    return f"{ADDRESS}/{name}"
