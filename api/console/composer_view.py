"""What the composer holds: a draft, a person's own words, the public words beside a private answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from api.console.quoting import Quoted, quoted_in
from api.console.verdict import VerdictView, verdict_of
from api.console.viewer import Viewer
from api.depends import Parts
from care.case_file import CaseFile
from care.channel_rules import ChannelRules
from care.decision import Action
from care.message import Visibility
from care.offline import OfflineState
from care.pointing import may_point
from care.reply import NOT_SAID, Draft, Purpose, Reply, ReplyStage, SuggestionState
from care.signing import signed
from care.unsent import OWN, UnsentText

BOXES = ("approve", "own", "close")
"""What the composer is for, where there is one."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature makes of a text. cut: characters of its end that make room; added: what comes in their place."""

    cut: int = 0
    added: str = ""

    @property
    def ending(self) -> str:
        """What is added, as people see it."""
        return self.added.strip()


NOT_SIGNED = Signed()


def signed_as(text: str, rules: ChannelRules | None, by: str) -> Signed:
    """How this text would be signed; a text that is not there yet as any other."""
    going_out = signed(text or ".", rules=rules, by=by)
    same = sum(1 for _ in takewhile(lambda two: two[0] == two[1], zip(text or ".", going_out, strict=False)))
    return Signed(len(text or ".") - same, going_out[same:])


@dataclass(frozen=True, slots=True)
class Pair:
    """What the composer offers of a private answer with a word in public. can: whether channel and thread allow it.

    is_on: both boxes stand open. text: the public one; given: what the playbook says there. asks: the decision is to
    answer in private, so that a public reply alone asks for a private message. public_text, private_text: what the
    chosen draft says in either place.
    """

    can: bool = False
    is_on: bool = False
    text: str = ""
    given: str = ""
    asks: bool = False
    limit: int = 0
    public_text: str = ""
    private_text: str = ""
    signed: Signed = NOT_SIGNED


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person put into the composer, where they did.

    draft: which draft they chose. place: where these words are kept until they are sent.
    is_pair: whether a word in public was wanted beside a private answer; None: as the decision has it. pointer: that
    word. none_of: words of the text of which they said that they promise nothing.
    """

    draft: int = 0
    text: str | None = None
    pointer: str | None = None
    is_pair: bool | None = None
    none_of: str = ""
    place: str = OWN


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the composer, all that its person wrote on the case and has not sent, and which drafts are out."""

    typed: Typed = Typed()
    unsent: Sequence[UnsentText] = ()
    rejected: frozenset[int] = frozenset()


NOTHING_WRITTEN = Written()


@dataclass(frozen=True, slots=True)
class ComposerView:
    """The composer.

    kind: approve, own, close, wait or none. draft: the one whose words it began with. place: where its words are kept
    until they are sent; others: what the same person wrote here and is not shown. rejected: drafts nobody wants.
    """

    kind: str
    drafts: Sequence[Draft]
    draft: Draft | None
    text: str
    pair: Pair
    signed: Signed
    quoted: Quoted | None
    taken_back: Reply | None
    verdict: VerdictView | None
    place: str
    others: Sequence[UnsentText]
    rejected: frozenset[int]
    is_answered: bool
    """Whether something of ours has gone out or is on its way."""


def composer_view(
    case: CaseFile, parts: Parts, viewer: Viewer, *, rules: ChannelRules | None, written: Written
) -> ComposerView:
    typed = written.typed
    kind = composer_of(case)
    drafts = case.suggestion.drafts if case.suggestion else ()
    draft = drafts[typed.draft] if kind == "approve" and 0 <= typed.draft < len(drafts) else None
    pair = _pair(case, rules, draft, typed, signs_as=viewer.signs_as)
    text = typed.text
    if text is None:
        text = draft.says(Visibility.PRIVATE if pair.is_on else case.message.visibility) if draft else ""
    quoted = quoted_in(text, case, parts, draft=draft, now=viewer.now, none_of=typed.none_of) if text else None
    return ComposerView(
        kind=kind,
        drafts=drafts,
        draft=draft,
        text=text,
        pair=pair,
        signed=signed_as(text, rules, viewer.signs_as),
        quoted=quoted,
        taken_back=_taken_back(case),
        verdict=verdict_of(text, draft.tone, quoted=quoted) if draft and text == draft.text else None,
        place=typed.place,
        others=[other for other in written.unsent if other.place != typed.place],
        rejected=written.rejected,
        is_answered=any(reply.sending.stage not in NOT_SAID for reply in case.handled.replies),
    )


def composer_of(case: CaseFile) -> str:
    """What the composer is for: approve, own (words without a suggestion), close (offline) or none, and wait."""
    if case.case.is_resolved:
        return "none"
    if case.suggestion is not None and case.suggestion.choice.state is SuggestionState.PROPOSED:
        return "approve"
    if case.offline is not None and case.offline.state is OfflineState.CONTACTED:
        return "close"
    return "wait" if case.work == "preparing" else "own"


def _pair(case: CaseFile, rules: ChannelRules | None, draft: Draft | None, typed: Typed, *, signs_as: str) -> Pair:
    asks = case.message.is_public and case.decision is not None and case.decision.action is Action.ANSWER_PRIVATE
    composer = composer_of(case)
    if rules is None or composer not in ("approve", "own") or not may_point(case.message, rules):
        return Pair(asks=asks)
    said = rules.pointer if typed.pointer is None else typed.pointer
    # A draft without words of its own for there says something that only makes sense in public.
    has_words = composer == "own" or (draft is not None and bool(draft.private_text))
    return Pair(
        can=True,
        is_on=(asks and has_words) if typed.is_pair is None else typed.is_pair,
        text=said,
        given=rules.pointer,
        asks=asks,
        limit=rules.longest(Visibility.PRIVATE),
        public_text=draft.text if draft else "",
        private_text=draft.private_text if draft else "",
        signed=signed_as(said, rules, signs_as),
    )


def _taken_back(case: CaseFile) -> Reply | None:
    """The text that was taken back last, where nothing was written since."""
    said = [reply for reply in case.handled.replies if reply.purpose is not Purpose.POINTER]
    last = said[-1] if said else None
    return last if last is not None and last.sending.stage is ReplyStage.WITHDRAWN else None
