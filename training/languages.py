"""Which languages texts are in, as datasets, cards and bundles count them."""

from collections import Counter
from collections.abc import Iterable, Mapping

from model.language import UNKNOWN, language_of

TAUGHT_SHARE = 0.06
"""A language with a smaller share of the messages was not taught."""
_OF_THE_ENCODER = "en"
_MOST_NAMED = 5


def language_name(text: str) -> str:
    """A language's code, `unknown` where nobody can say."""
    return language_of(text, home=()).label


def counted(names: Iterable[str]) -> Counter[str]:
    """How often each language was named, unknown ones left out."""
    counts = Counter(names)
    counts.pop(UNKNOWN, None)
    return counts


def taught(counts: Counter[str]) -> tuple[str, ...]:
    """The languages of enough of the messages, the commonest first; empty where they are too short to tell."""
    enough = max(2, TAUGHT_SHARE * counts.total())
    return tuple(language for language, n in counts.most_common() if n >= enough)


def shares_of(counts: Counter[str]) -> dict[str, float]:
    """Each language's share, the commonest first."""
    return {language: round(n / counts.total(), 4) for language, n in counts.most_common()}


def named(shares: Mapping[str, float]) -> str:
    """Shares for people: `de 61 %, en 39 %`."""
    return ", ".join(f"{language} {share * 100:.0f} %" for language, share in [*shares.items()][:_MOST_NAMED])


def foreign_to_the_encoder(shares: Mapping[str, float]) -> str:
    """What to tell where MiniLM, which was taught English, reads much else; nothing where it does not."""
    others = {language: share for language, share in shares.items() if language != _OF_THE_ENCODER}
    if sum(others.values()) < TAUGHT_SHARE:
        return ""
    return (
        f"languages: {named(others)} of the messages, and the encoder was taught English; train with --encoder none "
        "too (or with the folder of an encoder of these languages), and compare the two on the same rows"
    )
