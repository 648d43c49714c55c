"""No pattern may take more than linear time, whatever it is fed (reliability: denial of service by text)."""

import importlib
import pkgutil
import re
import time
from collections import deque
from collections.abc import Iterator

import pytest

import model.recognisers
from model.sensitive import SensitiveFinder

SIZES = (16_384, 32_768, 65_536)
LIMIT_S = 0.1
# Four numbers, letters and separators in every mixture that made a pattern of ours or of others explode.
PUMPS = ("a", "1", "1 ", "a@a.", "1-1.", "my name is Ann ", "12 Main St ", "password is card number ")
# These see a piece of the text of bounded length, never the text: their size is tested, not their growth.
ON_A_PIECE = {
    "split_cards._CODE_ALONE": 80,
    "card_words.NOT_A_CARD": 56,
    "card_words.IS_A_CARD": 40,
    "banking._LETTERS": 110,
    "one_time_codes._BINDS": 90,
    "one_time_codes._BINDS_BACK": 70,
    "passwords._PHRASE": 200,
}


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in pkgutil.iter_modules(model.recognisers.__path__):
        for name, value in vars(importlib.import_module(f"model.recognisers.{module.name}")).items():
            values = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
            for place, value in enumerate(values):
                pattern = getattr(value, "shape", value)
                if isinstance(pattern, re.Pattern):
                    yield f"{module.name}.{name}" + (f"[{place}]" if len(list(values)) > 1 else ""), pattern


def seconds(pattern: re.Pattern[str], text: str) -> float:
    """The best of a few runs, so that a busy machine does not fail the test."""
    best = float("inf")
    for _ in range(4):
        started = time.thread_time()
        deque(pattern.finditer(text), maxlen=0)
        best = min(best, time.thread_time() - started)
        if best < LIMIT_S / 20:
            break
    return best


ALL = dict(patterns())


def test_all_patterns_are_seen() -> None:
    assert len(ALL) > 100


@pytest.mark.parametrize("name", ALL)
def test_a_pattern_takes_linear_time(name: str) -> None:
    piece = ON_A_PIECE.get(name.partition("[")[0])
    if piece is not None:
        assert seconds(ALL[name], "1 " * (piece // 2)) < 0.001
        return
    for pump in PUMPS:
        times = [seconds(ALL[name], (pump * (size // len(pump) + 1))[:size]) for size in SIZES]

        assert times[-1] < LIMIT_S, (pump, times)
        # Four times the text: four times the time, twice that on a busy machine; a square would be sixteen.
        if times[-1] > LIMIT_S / 10:
            assert times[-1] / times[0] <= 10, (pump, times)


@pytest.mark.parametrize(
    "pump", [*PUMPS, "4111 1111 1111 1111 ", "card 4 ", "four one ", "1.2.3.4 ", "gb12 ", "passport a1 ", "<A"]
)
def test_the_whole_finder_takes_linear_time(pump: str) -> None:
    finder = SensitiveFinder()
    finder.redact("my passport A1234567")  # loads what is loaded once
    times = []
    for size in (8_192, 16_384, 32_768):
        text = (pump * (size // len(pump) + 1))[:size]
        best = float("inf")
        for _ in range(3):
            started = time.thread_time()
            finder.redact(text)
            best = min(best, time.thread_time() - started)
        times.append(best)

    assert times[-1] / times[0] <= 10, times
