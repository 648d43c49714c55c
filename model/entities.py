"""Values in a message that a draft can use: order and parcel numbers, amounts, dates, times, cities, names, products.

Patterns and short lists, not a language model: a slot filled wrongly is worse than a slot left to the person.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from care.classification import Entity
from care.sensitive import Handling, Redaction

MAX_ENTITIES = 24
_MAX_CHARS = 4_000

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)day"
_CURRENCY = r"(?:[$€£¥]|usd|eur|gbp|chf|cad|aud|sek|nok|dkk|pln)"
_CITIES = (
    "amsterdam|athens|atlanta|auckland|austin|baltimore|bangalore|bangkok|barcelona|beijing|belfast|berlin|bern|"
    "birmingham|bogotá|bologna|bordeaux|boston|bratislava|bremen|bristol|brisbane|brussels|bucharest|budapest|"
    "buenos aires|cairo|calgary|cape town|cardiff|charlotte|chicago|cleveland|cologne|copenhagen|cork|dallas|delhi|"
    "denver|detroit|dresden|dubai|dublin|düsseldorf|edinburgh|florence|frankfurt|gdansk|geneva|genoa|glasgow|"
    "gothenburg|hamburg|hanover|helsinki|hong kong|houston|hyderabad|istanbul|jakarta|johannesburg|karachi|krakow|"
    "kyiv|lagos|lahore|las vegas|leeds|leipzig|lille|lima|lisbon|liverpool|ljubljana|london|los angeles|lyon|madrid|"
    "malaga|manchester|manila|marseille|melbourne|mexico city|miami|milan|minneapolis|montreal|moscow|mumbai|munich|"
    "nairobi|naples|nashville|new orleans|new york|newcastle|nice|nottingham|nuremberg|orlando|osaka|oslo|ottawa|"
    "oxford|paris|perth|philadelphia|phoenix|pittsburgh|porto|portland|prague|rome|rotterdam|san diego|san francisco|"
    "santiago|seattle|seoul|seville|shanghai|sheffield|singapore|sofia|stockholm|stuttgart|sydney|tallinn|tampa|"
    "tel aviv|the hague|tokyo|toronto|toulouse|turin|utrecht|valencia|vancouver|venice|vienna|vilnius|warsaw|"
    "washington|wellington|zagreb|zurich|zürich"
)
_PRODUCT_WORDS = (
    "phone|smartphone|tablet|laptop|monitor|keyboard|mouse|charger|cable|router|modem|headphones?|earbuds?|speaker|"
    "camera|printer|tv|television|console|watch|smartwatch|lamp|sofa|couch|mattress|pillow|chair|table|desk|wardrobe|"
    "shelf|bed|curtains?|rug|mirror|fridge|freezer|oven|kettle|toaster|blender|coffee machine|coffee maker|vacuum|"
    "washing machine|dishwasher|dryer|jacket|coat|shirt|t-shirt|dress|jeans|trousers|sweater|hoodie|shoes|sneakers|"
    "boots|trainers|bag|backpack|suitcase|bike|bicycle|scooter|helmet|tent|toy|book|perfume|shampoo|cream|"
    "serum|subscription|membership|gift card|voucher|ticket"
)


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    pattern: re.Pattern[str]
    hint: Callable[[str], bool]
    """A cheap look that ends most searches before they start."""


def _has_digit(text: str) -> bool:
    return any(digit in text for digit in "0123456789")


def _always(text: str) -> bool:
    return True


_KINDS: tuple[_Kind, ...] = (
    _Kind(
        "parcel_number",
        re.compile(
            r"\b(?:tracking|parcel|shipment|consignment|awb|waybill)\s*(?:number|no\.?|nr\.?|id|code|#)?\s*(?:is|:|#)?\s*"
            r"(?P<value>(?=[A-Z0-9]*\d)[A-Z0-9]{8,30})\b",
            re.IGNORECASE,
        ),
        _has_digit,
    ),
    _Kind(
        "order_number",
        re.compile(
            r"\b(?:order|purchase|booking|reservation|reference|ref|ticket|case|invoice)\s*"
            r"(?:number|no\.?|nr\.?|id|code|reference|ref)?\s*(?:is|:|#)?\s*#?\s*(?P<value>(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{3,24})\b"
            r"|(?<!\w)#(?P<value2>(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{3,20})\b|\b(?P<value3>[A-Z]{2,4}-\d{4,10})\b",
            re.IGNORECASE,
        ),
        _has_digit,
    ),
    _Kind(
        "amount",
        re.compile(
            rf"(?P<value>{_CURRENCY}\s?\d{{1,3}}(?:[.,\s]?\d{{3}})*(?:[.,]\d{{1,2}})?\b|"
            rf"\b\d{{1,3}}(?:[.,]?\d{{3}})*(?:[.,]\d{{1,2}})?\s?(?:{_CURRENCY}|euros?|dollars?|pounds?|bucks|quid)(?!\w))",
            re.IGNORECASE,
        ),
        _has_digit,
    ),
    _Kind(
        "date",
        re.compile(
            rf"\b(?P<value>\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}"
            rf"(?:\s+\d{{4}})?|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?)\b",
            re.IGNORECASE,
        ),
        _has_digit,
    ),
    _Kind(
        "date",
        re.compile(rf"\b(?P<value>(?:last |next |this |on )?{_DAY}|yesterday|tomorrow|today|tonight)\b", re.IGNORECASE),
        lambda text: "day" in text.lower() or "tonight" in text.lower() or "tomorrow" in text.lower(),
    ),
    _Kind(
        "time",
        re.compile(
            r"\b(?P<value>(?:[01]?\d|2[0-3])[:.][0-5]\d\s?(?:am|pm)?|(?:1[0-2]|[1-9])\s?(?:am|pm))\b", re.IGNORECASE
        ),
        _has_digit,
    ),
    _Kind("city", re.compile(rf"\b(?:in|from|to|at|near|the|of)\s+(?P<value>{_CITIES})\b", re.IGNORECASE), _always),
    _Kind(
        "name",
        re.compile(
            r"\b(?:[Mm]y name is|[Mm]y name's|[Tt]his is|[Ii] am|[Ii]'m|[Rr]egards,?|[Tt]hanks,|[Cc]heers,|[Bb]est,)\s+"
            r"(?P<value>[A-Z][a-z]{2,}(?:\s+[A-Z][a-z]{2,})?)\b(?!')"
        ),
        lambda text: any(capital.isupper() for capital in text[1:]),
    ),
    _Kind(
        "product",
        re.compile(rf"\b(?:my|the|a|an|this|your|new)\s+(?:\w+\s+)?(?P<value>{_PRODUCT_WORDS})\b", re.IGNORECASE),
        _always,
    ),
)
_NOT_NAMES = frozenset(
    "The This That Not Very Still Just Really So Also Having Trying Going Sorry Sure Happy Sad".split()
)


def entities_of(text: str, redaction: Redaction) -> tuple[Entity, ...]:
    """Entities of a text as received; nothing inside a masked stretch is ever one. First come, first kept."""
    taken = [(span.start, span.end) for span in redaction.spans if span.handling is not Handling.ALLOW]
    entities: list[Entity] = []
    for span in redaction.spans:
        if span.handling is Handling.ALLOW and span.category in ("order_number", "parcel_number"):
            entities.append(Entity(span.category, text[span.start : span.end], span.start, span.end))
            taken.append((span.start, span.end))
    for entity in _search(text[:_MAX_CHARS]):
        if len(entities) >= MAX_ENTITIES:
            break
        if all(entity.end <= start or entity.start >= end for start, end in taken):
            entities.append(entity)
            taken.append((entity.start, entity.end))
    return tuple(sorted(entities, key=lambda entity: entity.start))


def _search(text: str) -> Iterator[Entity]:
    for kind in _KINDS:
        if not kind.hint(text):
            continue
        for match in kind.pattern.finditer(text):
            name = next(name for name, value in match.groupdict().items() if value)
            value = match.group(name)
            if kind.name == "name" and value.split()[0] in _NOT_NAMES:
                continue
            yield Entity(kind.name, value, match.start(name), match.end(name))
