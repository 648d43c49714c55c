"""The home folder: for its owner alone, whatever was put there by whom."""

import os
from contextlib import suppress
from pathlib import Path


def keep_private(home: Path) -> None:
    """Close the home folder, what lies in it, and what this process and its children write from now on.

    Links are left alone: what they point to may be shared on purpose.
    """
    os.umask(0o077)
    home.chmod(0o700)
    for folder, folders, files in os.walk(home):
        for names, mode in ((folders, 0o700), (files, 0o600)):
            for path in (Path(folder, name) for name in names):
                with suppress(FileNotFoundError):
                    if not path.is_symlink():
                        path.chmod(mode)
