"""Words of danger: a net under every rule that leaves words of a mail out.

What is read as danger is decided elsewhere, by a model and its rules. Here a match has one effect: nothing is left out.
So the list is wide, and a wrong match costs a few quoted lines too many.
"""

# Beginnings of words, a line a language; `$` ends a word where the beginning alone means something else.
_STEMS = """
fire flame burn smoke smoking explo hospital ambulance paramedic injur bleed blood wound electrocut electric_shock
poison toxic chok unconscious suicid killed dead$ death died$ dying hurt allerg gas_leak carbon_monoxide overheat melted
sparks threaten dangerous harm_myself self-harm emergency_room
feuer in_brand brannte brennt gebrannt flamme rauch krankenhaus klinik notarzt verletz blut stromschlag vergift erstick
bewusstlos selbstmord umbring gefahr gefähr gestorben verbrenn abgefackelt
incendie feu$ flamm brûl brulé fumée hôpital hopital blessé électrocut empoison étouff dangereu
fuego incendi quemad quemó humo$ herid$ herida sangr descarga_eléctrica intoxic peligros ardió
fogo$ incêndio queimou queimad ferido hospita choque_elétrico perigos
fuoco brucia ospedale ferito ferita sangue scossa pericolos fiamm
vuur$ vlam ziekenhuis gewond bloed gevaar rook$ brandde in_brand verbrand
eldsv brann$ brinner brændte brenner i_brand sjukhus sykehus sygehus skadad skadet farlig
tulipalo syttyi sairaala loukkaan
pożar ogień zapali szpital ranny$ krew$ poparz niebezpiecz
požár hoří hořel shořel nemocnic zraněn popálen horelo
tűz kigyullad kórház sérült incendiu spital$ spitalul rănit luat_foc yangın yandı hastane yaral tutuştu
пожар пожеж загоре горел огонь вогонь больниц лікарн ожог травм кров отрав
φωτιά πυρκαγιά νοσοκομείο حريق مستشفى שריפה בית_חולים
"""
_EAST = "着火 起火 火灾 火災 医院 醫院 受伤 受傷 火事 発火 病院 怪我 화재 병원"


# (what to look for, whether it ends a word); East Asian words stand without spaces.
_LISTED = tuple(dict.fromkeys((_STEMS + _EAST).split()))
# A beginning that a shorter one begins is found with that one.
_KNOWN = tuple(
    (stem.rstrip("$").replace("_", " "), stem.endswith("$"))
    for stem in _LISTED
    if not any(stem.startswith(other) for other in _LISTED if other != stem)
)
_KNOWN_ASCII = tuple(entry for entry in _KNOWN if entry[0].isascii())
_OCCURRENCES = 200
"""How often one stem is looked at: after that many false starts it is taken as found."""


def words_of_danger(text: str) -> set[str]:
    """The stems found, in lower case. Linear, some tens of milliseconds for a megabyte."""
    lower = text.casefold()
    return {word for word, is_whole in _known(lower) if word in lower and _place(lower, word, is_whole) >= 0}


def would_be_lost(whole: str, kept: str) -> bool:
    """Whether the whole names a danger that what was kept of it does not name."""
    named = words_of_danger(whole)
    return bool(named) and not named <= words_of_danger(kept)


def shortened(text: str, limit: int) -> str:
    """A text of at most about `limit` characters: its start, its end, and what stands round words of danger between."""
    if len(text) <= limit:
        return text
    head, middle, tail = text[: limit * 3 // 4], text[limit * 3 // 4 : -(limit // 4)], text[-(limit // 4) :]
    lower = middle.casefold()
    places = sorted(_place(lower, word, is_whole) for word, is_whole in _known(lower) if word in lower)
    # One window a word at most, so this is bounded too. casefold may lengthen a text by a few
    # letters; the window is wide enough.
    windows = [middle[max(0, at - 200) : at + 400] for at in places if at >= 0]
    return "\n[…]\n".join([head, *windows, tail])


def _known(lower: str) -> list[tuple[str, bool]]:
    """The stems that can be there at all, by the letters that are: what repeats a few for a megabyte has none."""
    letters = frozenset(lower)
    return [entry for entry in (_KNOWN_ASCII if lower.isascii() else _KNOWN) if letters.issuperset(entry[0])]


def _place(lower: str, stem: str, is_whole: bool) -> int:
    """Where a word begins with the stem, -1: nowhere."""
    at = -1
    for _ in range(_OCCURRENCES):
        at = lower.find(stem, at + 1)
        if at < 0:
            return -1
        end = at + len(stem)
        starts = stem[0] > "\u2e7f" or not lower[max(0, at - 1) : at].isalnum()
        if starts and not (is_whole and lower[end : end + 1].isalnum()):
            return at
    return at
