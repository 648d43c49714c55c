"""Every setting with the value in use and where it comes from; what is secret is never told."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from wiring.settings import Settings, config_files

SECRET = "set, not shown"
UNSET = "not set"
DEFAULT = "default"
COMMAND = "the command that started it"

_PREFIX, _DELIMITER = "TACTFUL_", "__"
_CREDENTIALS = re.compile(r"(?<=//)[^@/\s]*@")


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting. name: as in `server.port`. value: in words. origin: a variable, a file, or a word above."""

    name: str
    value: str
    origin: str

    @property
    def is_default(self) -> bool:
        return self.origin == DEFAULT


def setting_lines(settings: Settings) -> tuple[SettingLine, ...]:
    """Every setting in the order of the classes. Raises what a configuration that cannot be read any more raises."""
    files = [(path, tomllib.loads(path.read_text("utf-8"))) for path in config_files() if path.is_file()]
    told = dict(_leaves(Settings()))
    return tuple(
        SettingLine(name, _said(name, value), _origin(name, value, told, files)) for name, value in _leaves(settings)
    )


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Each setting by its dotted name; a table whose names are the reader's own counts as one, but for channels."""
    if isinstance(value, BaseModel):
        for field in type(value).model_fields:
            yield from _leaves(getattr(value, field), f"{name}.{field}" if name else field)
    elif name == "channels":
        for channel, table in sorted(value.items()):
            yield from _leaves(table, f"{name}.{channel}")
    else:
        yield name, value


def _origin(name: str, value: Any, told: Mapping[str, Any], files: list[tuple[Path, dict[str, Any]]]) -> str:
    if name not in told or told[name] != value:
        return COMMAND
    parts = name.split(".")
    # A whole table may be given as JSON in one variable.
    for n in range(len(parts), 0, -1):
        variable = _PREFIX + _DELIMITER.join(parts[:n]).upper()
        if any(variable == known.upper() for known in os.environ):
            return variable
    if name.endswith(".options"):
        parts = parts[:-1]
    for path, table in files:
        if _holds(table, parts):
            return str(path.absolute())
    return DEFAULT


def _holds(table: Any, parts: list[str]) -> bool:
    for part in parts:
        if not isinstance(table, Mapping) or part not in table:
            return False
        table = table[part]
    return True


def _said(name: str, value: Any) -> str:
    """The value for people to read, with nothing secret in it."""
    if isinstance(value, SecretStr) or (name.endswith(".secrets") and value):
        return SECRET
    if value in (None, "", (), {}):
        return UNSET
    if name.endswith(".options"):
        # Whatever a channel's own class wants may be a password: the names alone.
        return f"{', '.join(sorted(value))} ({SECRET})"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_said('', item)}" for key, item in value.items())
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return _CREDENTIALS.sub("…@", str(value))
