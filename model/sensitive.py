"""Finds sensitive data in what a customer wrote and masks it before anything is stored.

One cheap reading of the text decides which recognisers can match at all; for most messages that is none. What they
find is weighed, overlaps are settled, and the text comes back with placeholders. Heavy libraries are loaded by the
few recognisers that need them, when they first do.
"""

from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from care.sensitive import Handling, Redaction, SensitiveSpan
from model.recognisers import presidio
from model.recognisers.addresses import ANY_STREETS, PLACES
from model.recognisers.banking import ACCOUNTS, IBANS
from model.recognisers.cards import CARDS, DISGUISED_CARDS, ENCODED_CARDS, SPELT_CARDS
from model.recognisers.contact import ADDRESSES, DISGUISED_EMAILS, EMAILS
from model.recognisers.crypto import WALLETS
from model.recognisers.health import CONDITIONS
from model.recognisers.ids import DOCUMENTS, SSNS
from model.recognisers.national_ids import IDS, MEDICAL_LICENCES
from model.recognisers.one_time_codes import ONE_TIME_CODES
from model.recognisers.orders import ORDERS, PARCELS
from model.recognisers.passwords import PASSWORDS
from model.recognisers.people import BIRTHS, NAMES
from model.recognisers.phones import PHONES
from model.recognisers.prepared import PreparedText, over_lines, prepare_text
from model.recognisers.secrets import CODES, EXPIRIES, KEYS, PRIVATE_KEYS
from model.recognisers.sighting import Recogniser, Sighting
from model.recognisers.split_cards import FIRST_HALVES, SECOND_HALVES, SPELT_HALVES


@dataclass(frozen=True, slots=True)
class Kind:
    """What we do with one kind of sensitive data.

    handling: unless the settings say otherwise. rank: which kind wins where two overlap, higher first.
    in_public, in_private: where it asks for something else in a post that all can read, or in a message to us alone.
    """

    handling: Handling
    rank: int
    in_public: Handling | None = None
    in_private: Handling | None = None


_OFFLINE, _MASK, _ALLOW = Handling.OFFLINE, Handling.MASK, Handling.ALLOW
KINDS: Mapping[str, Kind] = {
    "private_key": Kind(_OFFLINE, 100),
    "jwt": Kind(_OFFLINE, 95),
    "api_key": Kind(_OFFLINE, 94),
    "password": Kind(_OFFLINE, 90),
    # Above cards: its check digits let one number in 97 pass, and a row of its groups may check as a card.
    "iban": Kind(_OFFLINE, 82),
    "payment_card": Kind(_OFFLINE, 80),
    "card_security_code": Kind(_OFFLINE, 79),
    "card_expiry": Kind(_MASK, 78),
    "one_time_code": Kind(_OFFLINE, 77),
    "crypto_wallet": Kind(_MASK, 74),
    "email": Kind(_MASK, 73),
    "us_ssn": Kind(_OFFLINE, 70),
    "us_itin": Kind(_OFFLINE, 69),
    "passport": Kind(_OFFLINE, 68),
    "driver_licence": Kind(_OFFLINE, 67),
    "national_id": Kind(_OFFLINE, 66),
    "medical_licence": Kind(_MASK, 65),
    "bank_account": Kind(_OFFLINE, 64),
    "ip_address": Kind(_MASK, 60),
    "date_of_birth": Kind(_MASK, 55),
    # In public it is read by everybody; to us alone it is what has to be answered ("is it safe for me?").
    "health": Kind(_OFFLINE, 50, in_private=_ALLOW),
    # In public whoever reads it can stand at the door or ring; to us alone it is what has to be changed or rung.
    "postal_address": Kind(_MASK, 45, in_public=_OFFLINE, in_private=_ALLOW),
    "personal_phone": Kind(_MASK, 41, in_public=_OFFLINE, in_private=_ALLOW),
    "phone": Kind(_MASK, 40),
    "person_name": Kind(_MASK, 30),
    "parcel_number": Kind(_ALLOW, 20),
    "order_number": Kind(_ALLOW, 19),
}
"""Every kind we know, and what it asks for unless the settings say otherwise."""

RECOGNISERS: tuple[Recogniser, ...] = (
    CARDS, SPELT_CARDS, ENCODED_CARDS, DISGUISED_CARDS, FIRST_HALVES, SPELT_HALVES, SECOND_HALVES, CODES, EXPIRIES,
    PASSWORDS, ONE_TIME_CODES, KEYS, PRIVATE_KEYS, WALLETS, IBANS, ACCOUNTS,
    EMAILS, DISGUISED_EMAILS, ADDRESSES, PHONES, SSNS, IDS, DOCUMENTS, MEDICAL_LICENCES, presidio.PRESIDIO,
    NAMES, BIRTHS, PLACES, ANY_STREETS, CONDITIONS, ORDERS, PARCELS,
)  # fmt: skip
THRESHOLD = 0.5
OVER_LINES: Mapping[Recogniser, float] = {
    WALLETS: 0.6, IBANS: 0.6, ACCOUNTS: 0.6, DOCUMENTS: 0.6, IDS: 0.7, MEDICAL_LICENCES: 0.8, SSNS: 0.8, PHONES: 0.8,
}  # fmt: skip
"""Numbers that may go on in the next line, and the score from which one is believed: two may stand under each other by
chance. Cards are followed over lines by their own."""
_ROUNDS = 8


class SensitiveFinder:
    """Finds and masks sensitive data; a care.ports.Redactor. Safe from several threads: it keeps nothing of a text.

    policy: handling by kind where it differs from KINDS. A kind the policy allows is found and kept.
    recognisers: in no particular order; what they find is weighed by kind and score.
    Raises ValueError for a policy that names a kind we do not know.
    """

    def __init__(
        self, policy: Mapping[str, Handling] | None = None, *, recognisers: Iterable[Recogniser] = RECOGNISERS
    ) -> None:
        unknown = sorted(set(policy or {}) - set(KINDS))
        if unknown:
            raise ValueError(f"unknown kinds of sensitive data: {', '.join(unknown)}; known: {', '.join(KINDS)}")
        said = {kind: Handling(handling) for kind, handling in (policy or {}).items()}
        self._handling = {
            place: {kind: _at(known, place) for kind, known in KINDS.items()} | said for place in (None, True, False)
        }
        self._recognisers = tuple(recognisers)
        # Most messages hold no trigger word: one set operation then stands for all recognisers that need one.
        self._need_words = tuple(
            recogniser for recogniser in self._recognisers if recogniser.words and not recogniser.marks
        )
        self._others = tuple(recogniser for recogniser in self._recognisers if not recogniser.words or recogniser.marks)
        self._words = frozenset(word for recogniser in self._need_words for word in recogniser.words)
        self._over_lines = [(name, sure) for name, sure in OVER_LINES.items() if name in self._recognisers]

    def redact(
        self, text: str, *, before: str | None = None, is_public: bool | None = None, explain: bool = False
    ) -> Redaction:
        """Mask what is sensitive in a text and say what was found, where, and what it asks for.

        before: the author's previous message, masked, for values split over two messages.
        is_public: whether all can read the text where it stands, or only we; None where nobody knows.
        explain: also tell in `near_misses` what was looked at and let go, and why; never with the value.
        """
        earlier = prepare_text(before) if before else None
        reading = prepare_text(text, before=earlier)
        handling = self._handling[is_public]
        spans: list[SensitiveSpan] = []
        allowed: list[SensitiveSpan] = []
        near_misses: list[str] = []
        # What is masked changes what stands beside it. Looking again until nothing new turns up is what makes a
        # masked text stay as it is when it is masked again.
        for _ in range(_ROUNDS):
            sightings = self._look(reading)
            if explain:
                near_misses += [_told(reading, sighting) for sighting in sightings if sighting.let_go]
            settled = [_span(reading, sighting, handling[sighting.category]) for sighting in _settle(sightings)]
            # A number that was let stand beside a name is not masked because the name now is.
            settled = [span for span in settled if not _is_let_stand(span, allowed)]
            allowed = sorted(allowed + [span for span in settled if span.handling is Handling.ALLOW], key=_start)
            fresh = [span for span in settled if span.handling is not Handling.ALLOW]
            spans += fresh
            if not fresh:
                break
            hidden = sorted((span.start, span.end) for span in spans if span.handling is not Handling.ALLOW)
            reading = prepare_text(text, hidden=hidden, before=earlier)
        spans.sort(key=_start)
        spans = sorted(spans + [span for span in allowed if _under(span, spans) is None], key=_start)
        return Redaction(
            text=replace_spans(text, spans),
            spans=tuple(spans),
            near_misses=tuple(dict.fromkeys(near_misses)),
            handling=Handling.worst(span.handling for span in spans),
        )

    def warm(self) -> None:
        """Load what is loaded late, so that no message has to wait a second for it. Call it when a process starts."""
        presidio.load()

    def _look(self, reading: PreparedText) -> list[Sighting]:
        able = [recogniser for recogniser in self._others if recogniser.can_match(reading)]
        if not reading.words.isdisjoint(self._words):
            able += [recogniser for recogniser in self._need_words if recogniser.can_match(reading)]
        in_lines = [sighting for recogniser in able for sighting in recogniser.find(reading)]
        return [*in_lines, *self._look_over_lines(reading)]

    def _look_over_lines(self, reading: PreparedText) -> Iterator[Sighting]:
        """Numbers that a line break stands in, however the mail was folded or quoted."""
        for joined, places in over_lines(reading):
            for recogniser, sure in self._over_lines:
                for sighting in recogniser.find(joined) if recogniser.can_match(joined) else ():
                    start, end = places[sighting.start], places[sighting.end - 1] + 1
                    if sighting.score >= sure and not sighting.let_go and "\n" in reading.lower[start:end]:
                        yield replace(sighting, start=start, end=end)


def _at(kind: Kind, is_public: bool | None) -> Handling:
    """What a kind asks for in public, in private, or where nobody knows."""
    there = None if is_public is None else kind.in_public if is_public else kind.in_private
    return there or kind.handling


def _is_let_stand(span: SensitiveSpan, allowed: Sequence[SensitiveSpan]) -> bool:
    """Whether it lies on a value that is found and kept, and is no stronger kind that has to be masked."""
    kept = _under(span, allowed)
    if kept is None:
        return False
    return span.handling is Handling.ALLOW or KINDS[span.category].rank <= KINDS[kept.category].rank


def _under(span: SensitiveSpan, placed: Sequence[SensitiveSpan]) -> SensitiveSpan | None:
    """The first of these that a span lies on. They are sorted and do not overlap."""
    at = bisect(placed, span.start, key=_start)
    if at and placed[at - 1].end > span.start:
        return placed[at - 1]
    return placed[at] if at < len(placed) and placed[at].start < span.end else None


def _start(span: SensitiveSpan) -> int:
    return span.start


def _span(reading: PreparedText, sighting: Sighting, handling: Handling) -> SensitiveSpan:
    start, end = reading.place(sighting.start, sighting.end)
    if handling is Handling.ALLOW:
        replacement = reading.original[start:end]
    else:
        kept = f" {sighting.kept}" if sighting.kept else ""
        replacement = f"<{sighting.category.upper()}{kept}>"
    return SensitiveSpan(
        start=start,
        end=end,
        category=sighting.category,
        score=sighting.score,
        replacement=replacement,
        handling=handling,
        recogniser=sighting.recogniser,
        context=sighting.context,
    )


def replace_spans(text: str, spans: Iterable[SensitiveSpan]) -> str:
    """The text with each span's replacement in its place. Spans are sorted and do not overlap."""
    pieces: list[str] = []
    at = 0
    for span in spans:
        pieces += (text[at : span.start], span.replacement)
        at = span.end
    pieces.append(text[at:])
    return "".join(pieces)


def _settle(sightings: Iterable[Sighting]) -> list[Sighting]:
    """The finds that stand: above the threshold and, where several overlap, the strongest kind, score and length."""
    taken: list[Sighting] = []
    starts: list[int] = []
    finds = [sighting for sighting in sightings if not sighting.let_go and sighting.score >= THRESHOLD]
    finds.sort(key=lambda find: (-KINDS[find.category].rank, -find.score, find.start - find.end, find.start))
    for find in finds:
        place = bisect(starts, find.start)
        is_clear_left = place == 0 or taken[place - 1].end <= find.start
        if is_clear_left and (place == len(taken) or find.end <= starts[place]):
            starts.insert(place, find.start)
            taken.insert(place, find)
    return taken


def _told(reading: PreparedText, sighting: Sighting) -> str:
    start, end = reading.place(sighting.start, sighting.end)
    return f"{sighting.category} at {start}-{end}: {sighting.let_go}"
