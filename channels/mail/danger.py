"""Words of danger: a net under every rule that leaves words of a mail out.

What is read as danger is decided elsewhere, by a model and its rules. Here a match has one effect: nothing is left out.
So the list is wide, and a wrong match costs a few quoted lines too many.
"""

import re

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


def _pattern() -> re.Pattern[str]:
    stems = sorted({re.escape(stem).replace("_", " ").replace(r"\$", r"\b") for stem in _STEMS.split()}, key=len)
    return re.compile(rf"\b(?:{'|'.join(reversed(stems))})|{'|'.join(_EAST.split())}", re.IGNORECASE)


_WORDS = _pattern()


def words_of_danger(text: str) -> set[str]:
    """The stems found, in lower case."""
    return {found.group().casefold() for found in _WORDS.finditer(text)}


def would_be_lost(whole: str, kept: str) -> bool:
    """Whether the whole names a danger that what was kept of it does not name."""
    return bool(words_of_danger(whole) - words_of_danger(kept))
