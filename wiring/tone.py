"""The tone check of a running service: it follows the playbook in use and the trained head as they change."""

from collections.abc import Callable
from pathlib import Path

from care.message import Visibility
from care.ports import ToneChecker
from care.reply import ToneReport
from playbook.book import Book
from playbook.live import LivePlaybook
from wiring.watched import Watched, marks_of


class LiveTone:
    """Satisfies care.ports.ToneChecker by the newest edition of the playbook and the newest trained head.

    make: a checker for one edition. head: folder of the trained head. Raises what `make` raises at the start.
    Safe from several threads.
    """

    def __init__(self, playbook: LivePlaybook, make: Callable[[Book], ToneChecker], head: Path) -> None:
        self._watched = Watched(
            "tone check",
            lambda: make(playbook.book),
            lambda: (playbook.book.version, marks_of(head)),
            look_every_s=0.0,
        )

    def check(
        self,
        text: str,
        *,
        channel: str,
        to: str | None = None,
        mood: str | None = None,
        urgency: str | None = None,
        visibility: Visibility | None = None,
    ) -> ToneReport:
        checker = self._watched.now()
        return checker.check(text, channel=channel, to=to, mood=mood, urgency=urgency, visibility=visibility)
