"""Ids of many countries: the check digit decides, and where there is none the word beside it."""

import pytest

from model.recognisers.banking import IBAN_LENGTHS, checks_mod97
from model.recognisers.national_ids import NATIONAL_IDS
from model.sensitive import SensitiveFinder

FINDER = SensitiveFinder()


def kinds_in(text: str) -> list[str]:
    return [span.category for span in FINDER.redact(text).spans]


@pytest.mark.parametrize(
    "text",
    [
        "my nino is AB 12 34 56 C", "NHS number 943 476 5919", "my SIN is 123-456-782", "aadhaar 2341 2341 2346",
        "PAN ABCPE1234F",
        "NRIC S1234567D", "TFN 123 456 782", "dni 12345678Z", "NIE X1234567L", "codice fiscale RSSMRA85T10A562S",
        "hetu 131052-308T",
        "personnummer 811228-9874", "pesel 44051401359", "cpf 390.533.447-05", "bsn 111222333", "AHV 756.9217.0769.85",
        "medicare 1EG4-TE5-MK73", "npi 1234567893", "tckn 10000000146", "CNP 1630615123457", "RRN 900101-1234567",
        "rijksregisternummer 85.07.30-033 28", "kimlik 10000000146", "steuer-id 36 574 261 809",
        "id number 8001015009087 south african",
    ],
)  # fmt: skip
def test_a_national_id_with_its_word_is_masked(text: str) -> None:
    assert kinds_in(text) == ["national_id"]


@pytest.mark.parametrize(
    "text", ["dni 12345678A", "pesel 44051401358", "bsn 111222334", "NHS number 943 476 5918", "hetu 131052-308U"]
)
def test_a_national_id_whose_check_digit_is_wrong_is_let_go(text: str) -> None:
    assert "national_id" not in kinds_in(text)


def test_the_check_modules_that_are_named_exist() -> None:
    from model.recognisers.national_ids import _checker

    for number in NATIONAL_IDS:
        if number.check:
            assert callable(_checker(number.check)), number.name


def test_iban_lengths_are_those_of_the_registry() -> None:
    from stdnum import iban

    for country in IBAN_LENGTHS:
        assert iban._ibandb.info(country + "00")[0][1].get("bban"), country


def test_an_iban_checks_by_its_own_arithmetic() -> None:
    assert checks_mod97("gb82west12345698765432")
    assert not checks_mod97("gb82west12345698765433")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("460-89-9847", "us_ssn"), ("my ssn is 123-45-6789", "us_ssn"), ("itin 912-70-3456", "us_itin"),
        ("driver's license number is U62928788557186", "driver_licence"), ("routing 021000021 for the wire",
        "bank_account"),
        ("bank account number is 000123456789", "bank_account"), ("sort code 20-00-00", "bank_account"),
        ("DEA BB1388568", "medical_licence"),
    ],
)  # fmt: skip
def test_other_ids_are_masked(text: str, kind: str) -> None:
    assert kinds_in(text) == [kind]


@pytest.mark.parametrize("text", ["078-05-1120", "000-12-3456", "part no 030-02-8711", "666-12-3456"])
def test_numbers_that_are_no_social_security_numbers_are_let_go(text: str) -> None:
    assert "us_ssn" not in kinds_in(text)
