"""The language of a text as datasets and cards count it."""

from model.language import language_of


def language_name(text: str) -> str:
    """A language's code, `unknown` where nobody can say."""
    return language_of(text, home=()).label
