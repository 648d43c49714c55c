"""What people are called: whether a word is a given name.

The list is of names, not of persons, and never complete: a word that is missing may still be somebody's name.
"""

import unicodedata
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("given_names.txt")
# Given names that stand for a place far more often, where nothing else speaks of a person.
PLACES_TOO = frozenset(
    "adelaide alexandria asia atlanta austin aurora avalon brooklyn carolina charlotte chester china cody dakota dallas"
    " darwin denver devon eden england florence florida geneva georgia houston india indiana ireland israel jackson"
    " jordan kent kenya kingston lincoln lisbon london lourdes madison malaga marseille melbourne memphis milan"
    " montana nevada odessa orlando paris phoenix regina roma salem santiago savannah scotland siena sydney troy"
    " valencia"
    " venice verona victoria vienna virginia".split()
)


def folded(word: str) -> str:
    """A word in plain small letters: without accents, as the list of names is kept."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def is_given_name(word: str) -> bool:
    """Whether people are called so; of "Jean-Luc" the first part must be a name, of "D'Angelo" the second."""
    plain = folded(word).replace("’", "'")
    known = given_names()
    return plain in known or plain.partition("-")[0] in known or (plain[1:2] == "'" and plain[2:] in known)


@cache
def given_names() -> frozenset[str]:
    """All given names that are known, folded."""
    lines = _FILE.read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
