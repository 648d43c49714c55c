"""Frames: small reviewed patterns of words round a span that all but prove what it is, as token patterns for spaCy.

A frame alone gives nothing: it is the second witness beside the trained pipeline (`model/spans.py`).
"""

from collections.abc import Iterator
from typing import Any

from care.names import PLACES_TOO, folded, is_given_name

Span = tuple[int, int, str]
"""Tokens from, up to, and the label."""

_DET = "my our the your this that".split()
_AUX = "is are was were 's ’s has have had been keeps keep just still again now all completely totally gone".split()
_FAILS = (
    "broken down dead faulty missing late cold stuck crashing crashes crashed freezing freezes frozen leaking leaks"
    " failing failed fails stopped broke cracked died vanished disappeared blocked cancelled delayed damaged smashed"
    " torn sour mouldy raw blank lost soaked crushed useless buffers buffering dripping crackles blurry"
).split()
_NOT_THINGS = (
    "a an the my our your his her its their this that these those it he she they we you i who what which there here"
    " one ones thing things lot bit way time day week month year hour hours days weeks months years minutes mins"
    " morning evening night today yesterday tomorrow tonight is are was were be been being am do does did done has"
    " have had will would can could should may might must wo ca n't nt not no never and or but if so as at in on to"
    " of for from with by up out off over back again still just only very too also even now then than when while"
    " because until since all any some every each both same last next first second third fourth new old whole"
    " own other another more most less problem problems issue issues error fault matter case reason people person"
    " man woman lady guy lad girl boy kid kids child children baby son daughter mum mom dad mother father wife"
    " husband brother sister nan gran grandma granny grandad friend neighbour boss manager staff team agent driver"
    " rider courier engineer technician captain crew guard conductor waiter waitress chef doctor nurse teacher"
    " colleague colleagues customer customers passenger passengers everyone nobody somebody company service"
    " insulin funeral wheelchair pregnancy hospital body bloody damn shit shitty crap stupid useless rubbish fucking"
    " dog cat he's she's wait waiting waited point fact rest world life heart head hand leg arm back eye eyes"
    " partner ex family parents uncle aunt cousin patience bank council shop store branch hotel restaurant airline"
    " prints replacement get got go going went come came make made take took say says said tell told know think"
    " want need keeps keep stopped arrived works working broke shut sent".split()
)
_BEHIND = frozenset("on at in of with for from to by near under behind about than and or all".split())
_NUMBER = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen twenty thirty"
    " forty fifty a an half several".split()
)
_UNIT = "minutes minute mins min hours hour hrs hr days day weeks week wks months month nights".split()
_WAITS = (
    "been waiting waited wait down off out without gone dead missing stuck hold broken blocked closed frozen locked"
    " still nothing no not delayed late".split()
)
_AND_STILL = "without now waiting still".split()
_DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri sat sun yesterday"
    " noon midnight".split()
)
_NOT_NAMES = frozenset(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August"
    " September October November December Christmas Easter Support Customer Service Team English German French"
    " Spanish Italian Dutch Polish I The A An My Your Our This It We You They He She Mum Dad God Google Amazon"
    " Black Please Hello Hi Hey Thanks Thank Sorry Mr Mrs Ms Miss Dr Chef Captain Nana Jan Feb Mar Apr Jun Jul Aug"
    " Sep Sept Oct Nov Dec Mail Solo Finnish Portuguese Turkish Arabic Hindi DM PM UK USA EU US ID PIN SIM VAT GST"
    " TV PC App Facebook X Twitter Instagram".split()
)
_THING = {"LOWER": {"REGEX": r"^[a-z][a-z-]+$", "NOT_IN": _NOT_THINGS}}
_CAPITAL = {"TEXT": {"REGEX": r"^[A-Z][a-zà-ÿ'’-]+$", "NOT_IN": sorted(_NOT_NAMES)}}
_NUM = {"LOWER": {"REGEX": rf"^(\d{{1,3}}|{'|'.join(_NUMBER)})$"}}


def matcher_of(vocab: Any) -> Any:
    """A spaCy Matcher with every frame; each key says the label and which tokens of the pattern are the span."""
    from spacy.matcher import Matcher

    matcher = Matcher(vocab)
    for name, pattern, _ in _frames():
        matcher.add(name, [pattern])
    return matcher


def spans_framed(doc: Any, matcher: Any) -> set[Span]:
    """The spans that some frame holds, as tokens; of two that overlap the longer one, a person before a place."""
    found: set[Span] = set()
    for key, start, end, places in matcher(doc, with_alignments=True):
        label, at = _INNER[doc.vocab.strings[key]]
        tokens = [start + i for i, place in enumerate(places) if place in at and start + i < end]
        if tokens and label == "SINCE" and tokens[0] and doc[tokens[0] - 1].lower_ == "for":
            tokens.insert(0, tokens[0] - 1)
        if tokens and _may_be(doc, tokens[0], tokens[-1] + 1, label, begins=start):
            found.add((tokens[0], tokens[-1] + 1, label))
    kept: set[Span] = set()
    for span in sorted(found, key=lambda span: (span[2] != "PERSON", span[0] - span[1], span[0])):
        if all(span[1] <= other[0] or span[0] >= other[1] for other in kept):
            kept.add(span)
    return kept


def _may_be(doc: Any, start: int, end: int, label: str, *, begins: int) -> bool:
    """What a token pattern cannot say: what must not stand beside."""
    first = doc[start].text
    if label == "PLACE":
        is_person = is_given_name(first) and folded(first) not in PLACES_TOO
        return not is_person and not (end < len(doc) and doc[end].text[:1].isupper() and doc[end].is_alpha)
    if label == "PERSON":
        return not (end < len(doc) and doc[end].text == "-")
    if label == "FAILED":
        # "the screen at my seat was dead": what stands behind a preposition did not fail.
        return begins == 0 or doc[begins - 1].lower_ not in _BEHIND
    if label == "SINCE":
        # "to come in 6 weeks, now you say 14", "two days a month now": a term, and a rate.
        before = doc[start - 1].lower_ if start else ""
        is_rate = doc[start].lower_ in ("a", "an") and (before in _UNIT or doc[end - 1].lower_ == "month")
        return before not in ("in", "within", "every", "each") and not is_rate
    return True


Frame = tuple[str, list[dict[str, Any]], frozenset[int]]
"""Name, token pattern, and the places of the pattern that are the span."""


def _frames() -> Iterator[Frame]:
    yield from _things()
    yield from _times()
    yield from _names()


def _things() -> Iterator[Frame]:
    """Things that failed, and things bought."""
    det, aux = {"LOWER": {"IN": _DET}}, {"LOWER": {"IN": _AUX}, "OP": "*"}
    negated = {"LOWER": {"IN": "is are do does did has have wo ca was were could would will".split()}}
    no = {"LOWER": {"IN": ["n't", "n’t", "nt", "not"]}}
    fails, never = {"LOWER": {"IN": _FAILS}}, {"LOWER": {"IN": ["never", "keeps", "keep"]}}
    works = {"LOWER": {"IN": "working work works load loads loading turn charge open start print scan arrived come came"
                       " arrive delivered moved connect fit close lock".split()}}  # fmt: skip
    between = {"LOWER": {"IN": "yet even been".split()}, "OP": "*"}
    for n in (1, 2):
        things, at = [_THING] * n, frozenset(range(1, n + 1))
        yield f"FAILED.fails{n}", [det, *things, aux, fails], at
        yield f"FAILED.not{n}", [det, *things, negated, no, between, works], at
        yield f"FAILED.never{n}", [det, *things, never, {"IS_ALPHA": True}], at
        yield (
            f"FAILED.still_no{n}",
            [{"LOWER": "still"}, {"LOWER": "no"}, *things, {"IS_ALPHA": False}],
            frozenset(range(2, n + 2)),
        )
    buys = {"LOWER": {"IN": "bought ordered purchased return returned exchange swap cancel".split()}}
    article = {"LOWER": {"IN": "a an the my our this".split()}}
    ends = {"LOWER": {"IN": "from on in for and but with at last yesterday today that which , . ! ? ( ;".split()}}
    for n in (1, 2):
        yield f"PRODUCT.buys{n}", [buys, article, *[_THING] * n, ends], frozenset(range(2, n + 2))


def _times() -> Iterator[Frame]:
    """How long it has gone on."""
    unit = {"LOWER": {"IN": _UNIT}}
    gap = {"IS_ALPHA": True, "OP": "?"}
    waits = {"LOWER": {"IN": _WAITS}}
    yield "SINCE.for", [waits, gap, gap, {"LOWER": "for"}, _NUM, unit], frozenset((3, 4, 5))
    yield "SINCE.long", [{"LOWER": {"IN": ["been", "waiting", "waited"]}}, _NUM, unit], frozenset((1, 2))
    yield (
        "SINCE.and_still",
        [_NUM, unit, {"LOWER": {"IN": ["and", ","]}, "OP": "?"}, {"LOWER": {"IN": _AND_STILL}}],
        (frozenset((0, 1))),
    )
    yield "SINCE.since", [waits, gap, gap, {"LOWER": "since"}, {"LOWER": {"IN": _DAYS}}], frozenset((3, 4))
    yield "SINCE.since_last", [
        waits, gap, gap, {"LOWER": "since"}, {"LOWER": {"IN": ["last", "this"]}},
        {"LOWER": {"IN": [*_DAYS, "week", "night", "morning", "month"]}},
    ], frozenset((3, 4, 5))  # fmt: skip


def _names() -> Iterator[Frame]:
    """Persons and places."""
    yield "PERSON.title", [{"LOWER": {"IN": "mr mrs ms miss dr mr. mrs. ms. dr.".split()}}, _CAPITAL], frozenset((0, 1))
    yield "PERSON.named", [{"LOWER": "name"}, {"LOWER": {"IN": ["is", "'s"]}}, _CAPITAL], frozenset((2,))
    yield "PERSON.named2", [{"LOWER": "name"}, {"LOWER": {"IN": ["is", "'s"]}}, _CAPITAL, _CAPITAL], frozenset((2, 3))
    for word in ("regards", "cheers", "yours", "best"):
        comma = {"TEXT": ","}
        yield f"PERSON.{word}", [{"LOWER": word}, comma, _CAPITAL], frozenset((2,))
        yield f"PERSON.{word}2", [{"LOWER": word}, comma, _CAPITAL, _CAPITAL], frozenset((2, 3))
    yield (
        "PERSON.role",
        [{"LOWER": {"IN": "driver lady lad waiter agent engineer conductor colleague".split()}}, _CAPITAL],
        (frozenset((1,))),
    )
    yield "PLACE.in", [{"LOWER": {"IN": "in near outside from via".split()}}, _CAPITAL], frozenset((1,))
    yield "PLACE.from_to", [{"LOWER": "to"}, _CAPITAL], frozenset((1,))
    yield "PLACE.two", [{"LOWER": {"IN": "in near at outside from to".split()}}, _CAPITAL, _CAPITAL], frozenset((1, 2))
    yield "PLACE.branch", [
        {"LOWER": {"IN": ["the", "your", "our"]}}, _CAPITAL,
        {"LOWER": {"IN": "branch store shop restaurant depot station office hub".split()}},
    ], frozenset((1,))  # fmt: skip


_INNER = {name: (name.partition(".")[0], at) for name, _, at in _frames()}
