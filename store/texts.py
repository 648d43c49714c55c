"""Texts at the database's border: what PostgreSQL refuses, what SQL would misread."""

import re

from care.errors import BadInput

# PostgreSQL has no NUL, no driver sends a lone surrogate, and the other control characters only ever attack a
# terminal. Tab, line feed and carriage return are writing.
_UNKEEPABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

MAX_KEY_LENGTH = 500
"""Characters of a channel's own ids; PostgreSQL's index rows end at 2,704 bytes."""


def keepable(text: str) -> str:
    """Make a text keepable: each control character and lone surrogate becomes U+FFFD.

    One for one, so that the code point offsets of spans and evidence stay true.
    """
    return _UNKEEPABLE.sub("\ufffd", text)


def key(text: str, *, name: str) -> str:
    """A channel's own id, cleaned. Raises BadInput when it is too long to be looked up by."""
    if len(text) > MAX_KEY_LENGTH:
        raise BadInput(f"{name} has {len(text)} characters; at most {MAX_KEY_LENGTH} can be kept.")
    return keepable(text)
