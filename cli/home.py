"""Where trained files lie, for commands that need no other setting."""

from pathlib import Path


def data_home() -> Path:
    """The data folder, as the settings say."""
    from wiring.settings import load_settings

    return load_settings().home
