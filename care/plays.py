"""A play as people read it: what it is for, in which words, and what it was written to answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from care.errors import Problem
from care.parts import Part

SIGNED_FOR = ("legal", "medical")
"""Matter whose words somebody who knows it approves before they are said."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a play. situation: the words of its heading, such as "public known". text: with its slots."""

    situation: str
    text: str


@dataclass(frozen=True, slots=True)
class SignOff:
    """A named person's yes to the words of a play. matter: of SIGNED_FOR. digest: of the words that they read."""

    matter: str
    by: str
    on: date
    digest: str = ""


def is_playful(tone: str, approach: str, intents: Collection[str]) -> bool:
    """Whether a play has no place in a crisis: a cheerful one, and a kind word back for small talk alone."""
    return tone == "cheerful" or (approach == "thank" and set(intents) == {"small_talk"})


@dataclass(frozen=True, slots=True)
class PlayFile(Part):
    """Where a play stands. file: in the playbook's folder, or "base:file" in a base. owner: who mends it.

    digest: of the whole file, so that every draft names the very text it came from.
    """

    file: str
    owner: str = ""
    version: int = 1
    digest: str = ""

    @property
    def origin(self) -> str:
        """The base that it comes from; "" for the playbook itself."""
        return self.file.rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class SignOffs(Part):
    """What of a play somebody has to approve. matters: of SIGNED_FOR, what its words speak of.

    withheld: why it is not offered; "" where it is.
    """

    matters: tuple[str, ...] = ()
    signed: tuple[SignOff, ...] = ()
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class PlayEntry:
    """One play of the playbook. reference: "id@hash8", as drafts name it.

    intents: what a message is about that it answers; none: anything. needs: facts without which it asks first.
    """

    reference: str
    title: str
    source: PlayFile
    approach: str
    tone: str
    intents: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    is_offline: bool = False
    wordings: tuple[Wording, ...] = ()
    examples: tuple[str, ...] = ()
    sign_offs: SignOffs = SignOffs()

    @property
    def is_playful(self) -> bool:
        """Whether it has no place in a crisis."""
        return is_playful(self.tone, self.approach, self.intents)

    @property
    def id(self) -> str:
        return self.reference.partition("@")[0]

    def has(self, words: str) -> bool:
        """Whether each of these words stands anywhere in it, whatever the case."""
        texts = (self.id, self.title, self.source.owner, *self.intents, *(wording.text for wording in self.wordings))
        said = "\n".join((*texts, *self.examples)).casefold()
        return all(word in said for word in words.casefold().split())


@dataclass(frozen=True, slots=True)
class PlaySource:
    """The file of a play. is_own: it stands in the playbook's folder; else it would be written there from its base.

    digest: of the file as it is now, to see whether somebody edits it meanwhile.
    """

    file: str
    text: str = field(repr=False)
    digest: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class PlayPreview:
    """An edit that is not written. play: as it would be; None where it cannot be used, which `problems` explain.

    advice: what lint says of it.
    """

    play: PlayEntry | None
    problems: Sequence[Problem] = ()
    advice: Sequence[Problem] = ()
