"""Rows that vouch for each other: the same said again, or one conversation. None of them may help to score another."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LARGEST_THREAD = 200
"""Rows under one thread id; more are no conversation but a customer, a day or a constant."""
_SIGNS = re.compile(r"[\W_]+")


def sayings(texts: Sequence[str], before: Sequence[str]) -> list[str]:
    """What each row says, by its letters and digits alone: near repeats say the same. before: what was said earlier."""
    return [
        f"{_SIGNS.sub(' ', text.casefold()).strip() or text}\n{_SIGNS.sub(' ', said.casefold()).strip()}"
        for text, said in zip(texts, before, strict=True)
    ]


@dataclass(frozen=True)
class Kin:
    """Which rows belong together. said: (n_rows,) number of what it says. thread: (n_rows,) number, or -1."""

    said: Ints = field(repr=False)
    thread: Ints = field(repr=False)

    @classmethod
    def of(cls, said: Sequence[str], threads: Sequence[str | None]) -> "Kin":
        numbers: dict[str, int] = {}
        by_said = np.array([numbers.setdefault(words, len(numbers)) for words in said], np.int64)
        numbers = {}
        by_thread = np.array(
            [-1 if thread is None else numbers.setdefault(thread, len(numbers)) for thread in threads], np.int64
        )
        sizes = np.bincount(by_thread[by_thread >= 0], minlength=len(numbers))
        too_large = np.flatnonzero((sizes > LARGEST_THREAD) | (sizes < 2))
        by_thread[np.isin(by_thread, too_large)] = -1
        return cls(by_said, by_thread)

    @property
    def share(self) -> float:
        """How many of the rows say what another row says."""
        sizes = np.bincount(self.said)
        return float((sizes[self.said] > 1).mean()) if len(self.said) else 0.0

    def units(self) -> Ints:
        """(n_rows,) number of what stays together when rows are dealt out: the thread, or what is said."""
        return np.where(self.thread >= 0, self.thread, self.said + self.thread.max(initial=-1) + 1)

    def with_kin(self, chosen: Bools) -> Bools:
        """(n_rows,) the rows chosen, and all that vouch for one of them."""
        near = np.isin(self.said, self.said[chosen])
        threads = self.thread[chosen]
        return near | np.isin(self.thread, threads[threads >= 0])

    def families(self, among: Ints) -> list[tuple[Ints, Ints]]:
        """Rows that have kin, with all that vouch for them, as places in `among`; who have the same kin together."""
        said, thread = self.said[among], self.thread[among]
        pairs: dict[tuple[int, int], list[int]] = {}
        for place, key in enumerate(zip(said.tolist(), thread.tolist(), strict=True)):
            pairs.setdefault(key, []).append(place)
        by_said, by_thread = _places(said), _places(thread)
        families = []
        for (of_said, of_thread), members in pairs.items():
            kin = by_said[of_said] if of_thread < 0 else np.union1d(by_said[of_said], by_thread[of_thread])
            if len(kin) > 1:
                families.append((np.array(members, np.int64), kin))
        return families

    def firsts(self, *apart: Ints) -> Bools:
        """(n_rows,) one row of each thing said; rows that differ in one of `apart` count each."""
        _, first = np.unique(np.stack([self.said, *apart], axis=1), axis=0, return_index=True)
        is_first = np.zeros(len(self.said), bool)
        is_first[first] = True
        return is_first

    def grown(self, n: int) -> "Kin":
        """With n more rows that are nobody's kin."""
        more = self.said.max(initial=-1) + 1 + np.arange(n)
        return Kin(np.append(self.said, more), np.append(self.thread, np.full(n, -1)))


def _places(numbers: Ints) -> dict[int, Ints]:
    order = np.argsort(numbers, kind="stable")
    names, starts = np.unique(numbers[order], return_index=True)
    return dict(zip(names.tolist(), np.split(order, starts[1:]), strict=True))
