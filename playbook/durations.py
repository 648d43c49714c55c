"""Lengths of time as a playbook writes them."""

import re
from datetime import timedelta

from playbook.source import Entry

_DURATION = re.compile(r"(\d+) ?(min|h)\Z")


def duration(entry: Entry) -> timedelta:
    """A time like `30 min` or `4 h`; an hour where it is none, which is noted."""
    match = _DURATION.match(entry.text())
    if match is None:
        entry.wrong("should be a time like `30 min` or `4 h`")
        return timedelta(hours=1)
    return timedelta(minutes=int(match[1])) if match[2] == "min" else timedelta(hours=int(match[1]))
