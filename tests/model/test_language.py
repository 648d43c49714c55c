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
