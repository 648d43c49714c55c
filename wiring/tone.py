"""The tone check of a running service: it follows the playbook in use, which the model's room knows nothing of."""

from collections.abc import Callable

from care.errors import BundleError
from care.message import Visibility
from care.ports import ToneChecker
from care.reply import ToneReport
from playbook.book import Book
from playbook.live import LivePlaybook


class LiveTone:
    """Satisfies care.ports.ToneChecker with the voice and the limits of the newest edition. Safe from several threads.

    make: a checker for one edition. Raises what it raises at the start, or, where it is patient, at each check.
    """

    def __init__(
        self, playbook: LivePlaybook, make: Callable[[Book], ToneChecker], *, is_patient: bool = False
    ) -> None:
        self._playbook = playbook
        self._make = make
        book = playbook.book
        self._made: tuple[str, ToneChecker] | None = None
        try:
            self._made = (book.version, make(book))
        except BundleError:
            if not is_patient:
                raise

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
        book = self._playbook.book
        if self._made is None or self._made[0] != book.version:
            self._made = (book.version, self._make(book))
        return self._made[1].check(text, channel=channel, to=to, mood=mood, urgency=urgency, visibility=visibility)
