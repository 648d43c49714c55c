"""What to greet somebody by: their given name where a display name surely holds one, else nothing.

A display name may be a company, a role, a handle or a joke. A wrong name is worse than none, so only a word that people
are called by counts, and only where nothing beside it speaks against a single person.
"""

import re
import unicodedata

from care.names import folded, is_given_name

LONGEST_DISPLAY, LONGEST_NAME, MOST_WORDS = 60, 20, 4
_WORD = re.compile(r"(?:[^\W\d_]['’])?[^\W\d_]{2,}(?:['’-][^\W\d_]+)?\Z")
_INITIAL = re.compile(r"[^\W\d_]\.?\Z")
# What comes after these is where they work or write from: "Kim Doe | Acme", "Kim (she/her)".
_ASIDE = re.compile(r"[ ]*(?:[(<\[|•·~]|[ ][-–—][ ]|[ ](?:from|at|von|bei|de chez)[ ])")
_NOT_ONE_PERSON = re.compile(
    r"[\d_@&+/\\{}=#%*:;!?]|['’]s\b|\b(?:via|and|und|et|og|och)\b|[ ](?:y|e|en|i)["
    r" ]",
    re.IGNORECASE,
)
_PICTURES = frozenset(("So", "Sk", "Sm", "Cf", "Cn", "Co", "Me"))
_TITLES = frozenset(
    "mr mrs ms miss mx dr prof professor sir madam herr herrn frau fraulein mme mlle madame monsieur m sr sra"
    " srta senor"
    " senora senorita sig signor signora signorina dott dottssa dhr mevr mevrouw meneer mw pan pani ing dipl-ing"
    " dipl mag rev".split()
)
_AFTER_A_NAME = frozenset("phd md jr sr ii iii iv esq mba msc bsc ba ma dds cpa rn llm dr mag med".split())
_COMPANY = frozenset(
    """gmbh ag kg ohg ug mbh gbr ev eg co ltd limited inc incorporated llc llp plc corp corporation company sa sas
    sarl sasu eurl sl slu srl spa snc bv nv vof oy ab as aps kft zrt sro doo ooo sp zoo lda ltda pty pvt group
    holding holdings gruppe groupe grupo gruppo foundation stiftung trust society association verein club
    institute institut university college school academy hotel hostel restaurant cafe bar pub pizzeria bakery
    bakkerij backerei bistro kitchen catering coiffure salon spa studio studios gallery photography photo
    fotografie foto films media press verlag books bookshop records music band store stores shop boutique market
    markt supermarket outlet sale sales deals plumbing plumbers electric electrical builders building bau
    construction logistics transport transports trading consulting solutions systems software technologies tech
    digital design designs marketing services service airport station bank insurance energy motors garage auto
    cars taxi farm garden gardens flowers florist fitness gym yoga clinic praxis pharmacy apotheke dental law
    lawyers partners brothers hermanos fratelli freres sons sohne zonen enterprises international global
    worldwide industries factory works werke division department dept lab labs network news radio tv times post
    magazine blog fan fans official brand team crew family familie famille familia famiglia household hermandad
    church city council police house opera theatre theater cinema centre center park gallery united fc laden
    handwerk firma kanzlei gemeinde schule boulangerie ristorante estate immobilien rentals""".split()
)
_ROLES = frozenset(
    """info information sales support admin administrator office reception helpdesk help service customer care
    kundenservice kundendienst noreply reply no-reply donotreply postmaster webmaster mailer daemon mailer-
    daemon hostmaster abuse root billing invoice invoices accounts accounting payable buchhaltung einkauf
    verkauf vertrieb purchasing procurement einkaufsabteilung rechnung compras ventas ventes achats contabilidad
    amministrazione acquisti hr jobs careers press presse marketing contact kontakt contacto contatto hello hi
    manager assistant secretary sekretariat owner director user guest gast invitado ospite anonymous anonym
    unknown unbekannt nobody someone somebody everyone test tester demo null none undefined nan nil na n/a true
    false name firstname lastname first last fname lname vorname nachname username account client cliente
    clients kunde kundin kunden klant klient buyer seller member deleted reviewer shopper whatsapp facebook
    google amazon ebay apple twitter instagram business forms bot robot automation system notification
    notifications newsletter web website online app""".split()
)
# Said of oneself, for fun or in anger: names in jest and their company.
_JEST = frozenset(
    """the a an not very so just only still always never no yes my your our his her their i me we you of in on for
    with to angry happy sad mad crazy lazy hungry tired bored grumpy lucky funny cool big little old young mean
    bad good best real super mega mr. king queen prince princess lord lady captain general major doctor dj mc
    uncle aunt auntie tante onkel mama papa mum mom dad daddy mummy granny grandma grandpa oma opa baby boss bro
    sis saint st santa more power panda bear feet calling amused lover hater gamer player bulls cat dog simply
    love""".split()
)
_NEVER = _COMPANY | _ROLES | _JEST
# Family names that most Chinese names begin with: the whole name, two or three signs, is what one greets by.
_CHINESE = re.compile(
    r"[李王张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許邓鄧韩韓]["
    r"\u4e00-\u9fff]{1,2}\Z"
)
# Given names that are words as well: a lone one in small letters is as likely a handle.
_WORDS_TOO = frozenset(
    "angel autumn bill chance chase daisy dawn dusty faith grace hope ivy jade joy june lily mark max may melody"
    " mercy olive"
    " pearl penny rose ruby sandy sky skye summer sunny violet will willow".split()
)


def given_name(display: str, not_names: frozenset[str] = frozenset()) -> str:
    """The given name to greet by, or "" when a display name is not clearly that of one person.

    not_names: words that no name holds, casefolded, as the playbook lists them.
    """
    if len(display) > LONGEST_DISPLAY:
        return ""
    words = _words(display, not_names)
    if not words or len(words) > MOST_WORDS:
        return ""
    word = _chosen(words)
    if not word or len(word) > LONGEST_NAME or not _WORD.match(word):
        return ""
    return _written(word)


def _words(display: str, not_names: frozenset[str]) -> list[str]:
    """The words of a person's name, titles gone, the given name first; empty where it is none."""
    plain = _without_pictures(display)
    if plain is None:
        return []
    name = _ASIDE.split(plain, maxsplit=1)[0].strip(" \"'“”„‚’.,-")
    before, comma, after = name.partition(",")
    last = _key(after)
    is_turned = bool(comma) and last not in _AFTER_A_NAME
    if comma and not is_turned:
        name = before
    if "," in after or _NOT_ONE_PERSON.search(name):
        return []
    words = [*after.split(), *before.split()] if is_turned else name.split()
    if any(_key(word) in _NEVER or word.strip(",.!").casefold() in not_names for word in words):
        return []
    n_titles = len(words)
    while words and _key(words[0]) in _TITLES:
        words = words[1:]
    while len(words) > 1 and _key(words[-1]) in _AFTER_A_NAME:
        words = words[:-1]
    has_title = len(words) < n_titles and not is_turned
    # "Herr Doe": what is left is the family's name.
    return [] if has_title and len(words) < 2 else words


def _without_pictures(display: str) -> str | None:
    """The text without emoji and the like round it; None when one stands inside, as between two people."""
    cleaned = "".join(" " if unicodedata.category(sign) in _PICTURES or sign == "\ufe0f" else sign for sign in display)
    kept = [place for place, sign in enumerate(cleaned) if not sign.isspace()]
    if not kept:
        return ""
    inside = range(kept[0], kept[-1] + 1)
    if any(cleaned[place] == " " != display[place] and not display[place].isspace() for place in inside):
        return None
    return " ".join(cleaned.split())


def _chosen(words: list[str]) -> str:
    """The word to greet by."""
    first = words[0].strip(",.")
    if len(words) == 1 and _CHINESE.match(first):
        return first
    if is_given_name(first) and not _INITIAL.match(first):
        is_lone = len(words) == 1
        is_handle = is_lone and first.islower() and folded(first) in _WORDS_TOO
        return "" if is_handle else first
    # "DOE Kim": the family's name in capitals comes first in many countries.
    last = words[-1].strip(",.")
    if len(words) == 2 and first.isupper() and not last.isupper() and len(first) > 2 and is_given_name(last):
        return last
    return ""


def _written(word: str) -> str:
    """As one writes a name: "KIM" and "kim" are "Kim", "Jean-Luc" stays. "" for capitals in odd places."""
    if word.islower() or (word.isupper() and len(word) > 2):
        return "-".join(part.capitalize() for part in word.split("-"))
    if word.lower() == word.upper():
        return word
    has_capital_first = word[0].isupper()
    n_capitals = sum(sign.isupper() for sign in word)
    return word if has_capital_first and n_capitals <= 2 else ""


def _key(word: str) -> str:
    return folded(word).replace(".", "").strip(" ,!\"'")
