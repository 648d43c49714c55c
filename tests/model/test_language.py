import csv
from pathlib import Path

import pytest

from model.language import UNKNOWN, language_of


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Wo bleibt mein Paket?", "de"),
        ("Rechnung bitte", "de"),
        ("Danke, hat geklappt", "de"),
        ("Je voudrais annuler ma commande", "fr"),
        ("toujours rien", "fr"),
        ("No me llega el pedido", "es"),
        ("gracias por la ayuda", "es"),
        ("Il pacco non è arrivato", "it"),
        ("não recebi nada", "pt"),
        ("Mijn bestelling is stuk", "nl"),
        ("Gdzie jest moja paczka?", "pl"),
        ("siparişim gelmedi", "tr"),
        ("Где моя посылка", "ru"),
        ("荷物が届きません", "ja"),
        ("包裹在哪里", "zh"),
        ("لم يصل الطلب", "ar"),
        ("my parcel is late", "en"),
        ("Correct", "en"),
        ("still nothing", "en"),
        ("Brilliant, thank you!", "en"),
    ],
)
def test_few_words_tell_their_language(text: str, wanted: str) -> None:
    language = language_of(text)

    assert language.label == wanted
    assert 0 < language.score <= 1.001


@pytest.mark.parametrize("text", ["", "😂😂", "AB-10442?", "@brand https://t.co/x1", "08070635658", "^"])
def test_what_has_no_words_has_no_language(text: str) -> None:
    assert language_of(text).label == UNKNOWN


def test_what_was_spoken_before_counts() -> None:
    assert language_of("👍", before=["de"]).label == "de"
    assert language_of("perfecto", before=["es", UNKNOWN]).label == "es"


def test_names_and_products_in_an_english_sentence_do_not_make_it_foreign() -> None:
    assert language_of("my order from Café Größe is late again").label == "en"
    assert language_of("Hallo, my order is late").label == "en"


def short_sentences() -> list[dict[str, str]]:
    """Two to five words each, most with a word that many languages share: lamp, app, hotel, wifi, pizza."""
    with (Path(__file__).parent / "short_sentences.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_few_words_with_international_ones_among_them_are_not_read_as_english() -> None:
    foreign = [row for row in short_sentences() if row["lang"] != "en"]
    told = [language_of(row["text"]).label for row in foreign]

    assert len(foreign) == 120
    assert told.count("en") <= 2
    assert sum(label == row["lang"] for label, row in zip(told, foreign, strict=True)) >= 100


def test_few_english_words_with_international_ones_among_them_stay_english() -> None:
    english = [row["text"] for row in short_sentences() if row["lang"] == "en"]
    told = [language_of(text).label for text in english]

    assert sum(label not in ("en", UNKNOWN) for label in told) <= 3, [*zip(told, english, strict=True)]


def test_a_word_that_only_others_use_weighs_more_than_international_ones() -> None:
    assert language_of("Lamp is kapot").label == "nl"
    assert language_of("Lamp is broken").label == "en"
