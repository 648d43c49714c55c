"""Gaps that nobody filled: template marks of any system, masks, and the empty values that programs leave in a text.

One detector for all that goes out: approval refuses a text that holds one, and the tone check stops it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap. start, end: code points of the text. name: what belongs there, as the text calls it.

    is_ours: a `[[slot]]` of a play.
    """

    start: int
    end: int
    name: str
    is_ours: bool = False


_OURS = re.compile(r"\[\[[ ]?(?P<name>[^\[\]\n]{0,60}?)[ ]?\]\]|\[\[(?=[ ]?[A-Za-z_])(?P<cut>[ ]?\w{1,40})")
# What templates call the values they wait for, in the languages of our customers.
_FIELD = (
    r"(?:first|last|full|given|family|sur|middle|user|customer|client|contact|recipient|agent|company|brand|shop"
    r"|product"
    r"|vor|nach|kunden|firmen)?[ _-]?(?:name|names)|f_?name|l_?name|prenom|prénom|nom|nombre|apellidos?|nome"
    r"|cognome|sobrenome"
    r"|voornaam|achternaam|naam|imi[eę]|nazwisko|anrede|salutation|title|order|customer|client|kunde|user|agent"
    r"|company|date"
    r"|datum|fecha|link|url|number|amount|betrag|price|address|adresse|city|ort|email|e-mail|phone|telefon"
    r"|product|produkt"
    r"|tracking|ticket|case|invoice|rechnung|code|status|signature|insert|placeholder|text|value|field|address_?\d?"
)
_TEMPLATE = re.compile(
    r"\{\{\{?[^{}\n]{0,80}(?:\}\}\}?)?|\}\}|\{%[^%\n]{0,80}%\}|\{#[^#\n]{0,60}#\}"  # Handlebars, Liquid, Jinja
    r"|[$#@!]\{[^{}\n]{0,60}\}"  # shells, JavaScript, Ruby
    r"|\{[!$#%]?[ ]?[A-Za-z_][\w .|:'\"-]{0,60}\}|\{\d{1,2}\}|\{(?:first_?"
    r"|last_?)?name\b"  # Salesforce, Smarty, Python, .NET
    r"|\*\|[^|\n]{0,40}\|\*|\|\*[^|*\n]{0,40}\*\|"  # Mailchimp
    r"|%%[^%\n]{1,40}%%|(?<![\w%])%[A-Za-z][A-Za-z_.]{2,30}%"  # Marketing Cloud, ActiveCampaign, Mailgun
    r"|(?<![\w%])%(?:\d\$)?[sd@](?![\w%])|%\([\w ]{1,30}\)[sd]"  # printf
    r"|@@[\w .-]{1,40}@@|##[\w .-]{1,40}##"
    r"|<%[^%\n]{0,60}%>|<\?[^\n>]{0,60}>|\[%[^%\n]{0,60}%\]"
    r"|<<[^<>\n]{1,40}>>|‹[A-Za-z_][\w ]{0,30}›"
    r"|\(\([ ]?[A-Za-z_]{2,30}[ ]?\)\)|(?<!\w)__[A-Za-z][A-Za-z_]{1,30}__(?!\w)"
    r"|(?<![\w$.,])\$(?:[a-z]+(?:_[a-z]+)+|[a-z]+[A-Z]\w{1,30}|[A-Z]+_[A-Z_]+|(?i:" + _FIELD + r"))(?![\w])"
    r"|\[object Object\]|\bInvalid Date\b|\bNoneType\b|#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!)"
    r"|(?i:\blorem ipsum\b|\btranslation missing\b)|\b(?:TODO|FIXME)\b"
)
# Word's merge fields look like quotes: only what a field is called counts.
_MERGE_FIELD = re.compile(rf"«(?P<name>(?i:{_FIELD})|[A-Za-z]*_\w*|[A-Z][a-z]+[A-Z]\w*|[A-Z]{{3,}})»")
_MASK = re.compile(r"<(?P<name>[A-Z][A-Z_]{1,30})(?: [^<>\n]{1,20})?>|(?:<|&lt;)(?P<field>(?i:your |insert |the )?"
                   rf"(?i:{_FIELD})[^<>\n&]{{0,30}}?)(?:>|&gt;)")  # fmt: skip
_TAGS = frozenset(
    "A B BR I P U UL OL LI TD TR TH HR DIV SPAN BODY HTML TABLE STRONG EM H1 H2 H3 IMG FONT CENTER".split()
)
_BRACKETS = re.compile(r"(?<![\[\w])\[(?!\[)(?P<name>[A-Za-z][A-Za-z _'’-]{1,40})\](?![\](])")
# Keys and buttons, and what editors put in brackets.
_NOT_GAPS = frozenset(
    "enter return ok okay esc escape tab shift ctrl control alt cmd option delete del backspace space home end"
    " menu yes no"
    " save cancel send settings next back continue submit login confirm close open edit search start stop on off power"
    " sic image photo picture video gif link removed edited translated translation applause en de fr es it nl pt"
    " pl".split()
)
_BLANKS = re.compile(r"(?<![\w_])_{3,}(?![\w_])|(?<![A-Za-z0-9])[Xx]{4,}(?![A-Za-z0-9])|\bXX[/.-]XX[/.-]XX(?:XX)?\b")
_IDENTIFIER = re.compile(
    r"(?<![\w@/.`#=&?-])(?:[a-z]{2,12}_(?:first|last|full)_name|(?:customer|client|user|first|last|full|order"
    r"|product|agent|company|ticket|tracking|account|delivery"
    r"|invoice|contact|recipient|sender|brand|shop|item|refund|payment|kunden?|bestell|vor|nach)_(?:name|number"
    r"|no|id|date|code"
    r"|status|link|url|email|address|amount|total|phone|price|title|city|day|time|name_\w{1,10}|nummer|datum)"
    r"|[A-Z]{2,}_[A-Z][A-Z_]{0,30}"
    r"|(?:first|last|customer|user|order|agent|product|company|tracking|client)(?:Name|Number|Id|Date|Code"
    r"|Status|Link))(?![\w`@])"
)
_HELLO = (
    r"(?:hello|hi|hey|hiya|dear|good (?:morning|afternoon|evening)|greetings|welcome|welcome back|hallo|guten"
    r" (?:tag|morgen|abend)"
    r"|liebe[rs]?|sehr geehrte[rs]?|moin|servus|bonjour|bonsoir|salut|ch[eè]re?|hola|buen[oa]s (?:d[ií]as|tardes"
    r"|noches)|estimad[oa]"
    r"|querid[oa]|ciao|buongiorno|buonasera|gentile|car[oa]|hoi|goedemorgen|goedemiddag|beste|geachte|ol[aá]"
    r"|prezad[oa]|bom dia"
    r"|dzie[nń] dobry|cze[sś][cć]|witaj|szanowny|szanowna)"
)
_TITLE = (
    r"(?:mr|mrs|ms|miss|mx|dr|prof|sir|madam|herr|frau|herrn|monsieur|madame|mme|m|se[nñ]ora?|sr|sra"
    r"|signora?|sig|mevrouw|meneer)"
)
_NOTHING = r"(?:none|null|undefined|nan|nil|n/a|void|unknown|empty|false|true|nullptr|anonymous|test|string)"
_GREETED_NOTHING = re.compile(
    rf"(?:(?<=\A)|(?<=[\n.!?] )|(?<=\n)|(?<=[\"“]))[ \t]{{0,4}}{_HELLO}(?:[ ]{_TITLE}\.?)?(?:"
    rf"[ ]+(?P<value>(?:{_NOTHING}(?:[ ](?:null|none|undefined))?|{_FIELD}))(?=[ ]?[,!.:\n–-]|[ ]?\Z)"
    rf"|(?P<gap>[ ]+)(?=,))|(?:(?<=\A)|(?<=\n))[ ]{{0,4}}(?:dear|liebe[rs]?|sehr geehrte[rs]?|gentile"
    rf"|estimad[oa]|beste)"
    rf"(?:[ ]{_TITLE}\.?)?(?P<bare>),",
    re.IGNORECASE,
)
_NAMES_TOO = frozenset(("Nan", "Nil"))
_EMPTY_VALUE = re.compile(
    r"(?<![\w-])(?:NaN|undefined)(?![\w-])(?!\s(?:period|amount of|number of|behaviou?r|error|variable))"
    r"|(?<=[a-z,:#€$£] )(?:None|NULL|nil)(?![\w-])(?! of\b| other\b| the\b| too\b| are\b| were\b| is\b| was\b| have\b)"
    r"|(?:(?<=order )|(?<=number )|(?<=name )|(?<=date )|(?<=reference )|(?<=ticket )|(?<=code )|(?<=on )|(?<=by"
    r" )|(?<=until )"
    r"|(?<=total )|(?<=from )|(?<=is )|(?<=[€$£=/:])|(?<=[a-z]: ))null(?![\w-])(?! and void|s?\s?and\s?void|["
    r" ](?:euro|uhr|prozent|komma|bis))"
)
_ARTICLE = re.compile(r"(?:an|the|are|were|remains?|left|be|as|so|currently|still|for) $", re.IGNORECASE)
_EPOCH = re.compile(
    r"\b(?:1970-01-01|0?1/0?1/1970|0?1\.0?1\.1970|(?:1 January|January 1,?) 1970|0001-01-01"
    r"|0000-00-00|00/00/0000)\b"
)
_LINK = re.compile(
    r"https?://(?!\[?[^\W_])|https?://(?:undefined|null|none|nan|localhost|127\.0\.0\.1|your-?(?:domain|site"
    r"|shop|company))(?![a-z0-9-])"
    r"|(?<![\w.])www\.(?![^\W_])|\bmailto:(?![^\W_])|(?<=[=/])(?:undefined|null|NaN|None)(?=[\s&/.,)?]|$)",
    re.IGNORECASE,
)
_NOTHING_AFTER = re.compile(
    r"(?i:\b(?:order|ticket|case|invoice|tracking|reference|booking)(?: number| no\.?)?) ?#(?= ?(?:is|has|was"
    r"|will)\b| ?[,.;](?: |\Z))"
    r"|(?i:\b(?:order|ticket|case|invoice|tracking|reference|booking) (?:number|no\.))(?:[ ],|:[ ]?(?=[.,\n]))"
    r"|(?<=[a-z] )(?:by|until|of|from) ,(?= |\Z)|(?<![\d ])(?<!\d )[€$£] ?(?=[,;] |\. ?(?:\Z|[A-Z]))"
)
_LINKS_AND_MAIL = re.compile(r"https?://[^\s<>\"]+|[\w.+-]+@[\w-]+\.[\w.-]+")
_SIGNS = re.compile(
    r"[\[\]{}<>%$«‹|@#_]|[Xx]{4}|//|www\.|mailto:|&lt;|None|NULL|NaN|nil|null|undefined|Invalid|TODO|FIXME|1970"
    r"|000[01]-"
    r"|orem|ranslation|Name|Number|Id|Date|Code|Status|Link| ,|[a-z]\)\)",
)


def find(text: str) -> tuple[Gap, ...]:
    """Every gap of a text, in order, none within another. Linear in the text; never raises."""
    gaps: list[Gap] = []
    # Ours come first: what stands inside them is part of them.
    taken: list[tuple[int, int]] = []
    for gap in sorted(_all(text), key=lambda gap: (gap.start, -gap.end)):
        if not taken or gap.start >= taken[-1][1]:
            taken.append((gap.start, gap.end))
            gaps.append(gap)
    return tuple(gaps)


def blanked(text: str) -> str:
    """The text with our own slots as one plain word each, of the same length: how it reads once they are filled."""
    return _OURS.sub(lambda match: "o" * len(match[0]), text)


def _all(text: str) -> Iterator[Gap]:
    yield from _greeted_nothing(text)
    if not _SIGNS.search(text):
        return
    for match in _OURS.finditer(text):
        yield Gap(*match.span(), (match["name"] or match["cut"] or "").strip(), is_ours=True)
    for pattern in (_TEMPLATE, _BLANKS, _LINK, _EPOCH, _NOTHING_AFTER, _MERGE_FIELD):
        for match in pattern.finditer(text):
            yield Gap(*match.span(), match[0])
    yield from _in_brackets(text)
    yield from _identifiers(text)
    for match in _EMPTY_VALUE.finditer(text):
        is_said = match[0] == "undefined" and _ARTICLE.search(text[max(0, match.start() - 12) : match.start()])
        if not is_said:
            yield Gap(*match.span(), match[0])


def _greeted_nothing(text: str) -> Iterator[Gap]:
    for match in _GREETED_NOTHING.finditer(text):
        if match["value"] in _NAMES_TOO:
            continue
        kind = "value" if match["value"] else "gap" if match["gap"] else ""
        start, end = match.span(kind) if kind else match.span()
        yield Gap(start, end, match["value"] or "name")


def _in_brackets(text: str) -> Iterator[Gap]:
    for match in _MASK.finditer(text):
        if match["name"] not in _TAGS:
            yield Gap(*match.span(), f"<{match['name'] or match['field']}>")
    for match in _BRACKETS.finditer(text):
        if match["name"].lower() not in _NOT_GAPS:
            yield Gap(*match.span(), match[0])


def _identifiers(text: str) -> Iterator[Gap]:
    """Names of variables, but for those inside a link or a mail address."""
    matches = list(_IDENTIFIER.finditer(text))
    links = [match.span() for match in _LINKS_AND_MAIL.finditer(text)] if matches else []
    at = 0
    for match in matches:
        while at < len(links) and links[at][1] <= match.start():
            at += 1
        if at == len(links) or links[at][0] >= match.end():
            yield Gap(*match.span(), match[0])
