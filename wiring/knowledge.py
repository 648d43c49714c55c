"""What a team knows, as a process asks it: the newest state of its folder, opened when somebody first asks."""

import threading
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from care.knowledge import Hit, Knowledge
from care.ports import Redactor, utc_now
from wiring.settings import Settings
from wiring.watched import Watched, marks_of

if TYPE_CHECKING:
    from model.encoder import Encoder
    from model.retrieval import PassageIndex
    from playbook.knowledge.lint import CheckedKnowledge


class LiveKnowledge:
    """Satisfies care.knowledge.Knowledge with the folder as it is; while an edit is read, the state before answers.

    Where the encoder cannot be opened nothing is known, and it is looked for again.
    """

    def __init__(self, make: Callable[[], "PassageIndex"], state: Callable[[], object]) -> None:
        self._make, self._state = make, state
        self._lock = threading.Lock()
        self._watched: Watched[PassageIndex] | None = None
        _: Knowledge = self

    def find(self, question: str, *, channel: str, day: date) -> Sequence[Hit]:
        index = self._opened().at_once()
        return index.find(question, channel=channel, day=day) if index is not None else ()

    def _opened(self) -> "Watched[PassageIndex]":
        with self._lock:
            if self._watched is None:
                self._watched = Watched("knowledge", self._make, self._state, is_patient=True)
            return self._watched


def open_knowledge(settings: Settings, redactor: Redactor, encoder: "Callable[[], Encoder | None]") -> LiveKnowledge:
    """Nothing is read before somebody asks; an edit of the folder is taken over within seconds.

    encoder: the one that reads messages, opened when it is needed.
    """
    from playbook.knowledge.folder import state_of_folder

    folder = settings.knowledge_folder
    return LiveKnowledge(
        lambda: index_of(settings, redactor, encoder()),
        lambda: (state_of_folder(folder), marks_of(settings.encoder_folder), utc_now().date()),
    )


def index_of(settings: Settings, redactor: Redactor, encoder: "Encoder | None") -> "PassageIndex":
    """What may be quoted of the folder now, ready to be asked. Vectors are kept in the home folder."""
    from model.retrieval import PassageIndex
    from model.vectors import VectorCache

    passages = checked(settings.knowledge_folder, redactor).passages
    return PassageIndex.of(passages, encoder, VectorCache(settings.home / "knowledge"))


def checked(folder: Path, redactor: Redactor, *, channels: Sequence[str] = ()) -> "CheckedKnowledge":
    """A folder of knowledge as it is now, with what is wrong with it."""
    from playbook.knowledge.lint import check_knowledge

    return check_knowledge(folder, redactor, day=utc_now().date(), channels=channels)
