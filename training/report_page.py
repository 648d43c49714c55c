"""`report.html` of a run: one page without any other file, with what decides whether a bundle may serve."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.fit import Fitted
from training.rows import Examples
from training.suspects import Suspect

Ints = NDArray[np.int64]
MOST_LABELS, MOST_PAIRS, MOST_SUSPECTS, FEWEST_OF_SLICE = 20, 15, 25, 10
_LONGEST = 160
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1c2430}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.2rem .6rem;border:1px solid #d5dbe3;"
    "text-align:right}td:first-child,th:first-child,td.w{text-align:left}th{background:#f2f5f8}"
    "svg{background:#fff;border:1px solid #d5dbe3;margin:.5rem 1rem .5rem 0}.note{color:#5a6675}"
    "@media(prefers-color-scheme:dark){body{background:#12161c;color:#dde3ea}th{background:#1d242d}"
    "td,th,svg{border-color:#36404c}}"
)


@dataclass(frozen=True)
class Learnt:
    """What was learnt from, row by row: the examples, their texts masked, and the language of each."""

    examples: Examples
    masked: Sequence[str] = field(repr=False)
    languages: Sequence[str] = field(repr=False)


def report_page(
    name: str, fitted: Fitted, metrics: Mapping[str, Any], learnt: Learnt, suspects: Sequence[Suspect]
) -> str:
    """The page. Texts in it are masked. Every figure is of rows that no model which scored them had seen."""
    parts = [
        f"<h1>{escape(name)}</h1><p class=note>Out of fold: no row was scored by a model that had seen it, or what"
    ]
    parts.append(" says the same. Texts are masked, and still your customers' words.</p>")
    for head in fitted.heads:
        measured = fitted.metrics[head.task]
        found = measured.get("full", measured["lean"])
        parts.append(f"<h2>{escape(head.task)}</h2>")
        if not len(found["gold"]):
            parts.append("<p>No row could be left out and found again, so nothing was measured.</p>")
            continue
        page = _Task(head.labels, found, metrics[head.task], learnt)
        parts += page.sections()
    parts += _suspects(suspects)
    title = f"<title>{escape(name)}</title>"
    head_of_page = f"<!doctype html><html lang=en><meta charset=utf-8>{title}<style>{_STYLE}</style>"
    return head_of_page + "".join(parts) + "</html>\n"


class _Task:
    """The sections of one task."""

    def __init__(
        self,
        labels: Sequence[str],
        found: Mapping[str, Any],
        metrics: Mapping[str, Any],
        learnt: Learnt,
    ) -> None:
        self.labels, self.metrics = labels, metrics
        self.gold, self.chosen, self.right = found["gold"], found["chosen"], found["right"]
        self.scores, self.rows = found["scores"], found["rows"]
        self.learnt = learnt

    def sections(self) -> Iterator[str]:
        best = self.metrics.get("full", self.metrics["lean"])
        guess = self.metrics["guessing"]
        yield (
            f"<p><b>accuracy {best['accuracy']:.3f}</b> ({guess['accuracy_from']:.3f} to {guess['accuracy_to']:.3f} in "
            f"95 of 100 cases) of {best['n']:,} rows; always saying the commonest label: {guess['baseline']:.3f}. "
            f"macro-F1 {best['macro_f1']:.3f}, calibration error {best['ece']:.3f}.</p>"
        )
        yield _certificates("Promises", best["certificates"])
        if best["certificates_with_out_of_scope"]:
            yield _certificates("Promises, messages that fit nothing counted", best["certificates_with_out_of_scope"])
        yield "<h3>Reliability, and coverage against precision</h3>" + self._reliability(best) + self._coverage()
        yield "<h3>Labels</h3>" + self._by_label()
        yield "<h3>Confusion</h3>" + self._confusion()
        yield "<h3>Most confused pairs</h3>" + self._pairs()
        yield "<h3>Slices</h3>" + self._slices()

    def _reliability(self, best: Mapping[str, Any]) -> str:
        points = [(bin["score"], bin["right"]) for bin in best["reliability"]]
        return _chart([(0, 0), (1, 1)], points, "score", "right")

    def _coverage(self) -> str:
        order = np.argsort(-self.scores, kind="stable")
        n = np.arange(1, len(order) + 1)
        precision = np.cumsum(self.right[order]) / n
        at = np.unique(np.linspace(0, len(order) - 1, 60).astype(int))
        return _chart([(float(n[i] / len(order)), float(precision[i])) for i in at], [], "coverage", "precision")

    def _by_label(self) -> str:
        rows = []
        for label in np.argsort(-np.bincount(self.gold, minlength=len(self.labels)), kind="stable"):
            n, said = int((self.gold == label).sum()), int((self.chosen == label).sum())
            both = int(((self.gold == label) & (self.chosen == label)).sum())
            if n or said:
                rows.append([self.labels[label], n, _share(both, said), _share(both, n)])
        return _table(["label", "rows", "precision", "recall"], rows)

    def _confusion(self) -> str:
        wrong = self.gold[~self.right], self.chosen[~self.right]
        n_wrong = np.bincount(np.concatenate(wrong), minlength=len(self.labels))
        shown = np.sort(np.argsort(-n_wrong, kind="stable")[:MOST_LABELS])
        rows = [
            [self.labels[gold], *(int(((self.gold == gold) & (self.chosen == said)).sum()) or "" for said in shown)]
            for gold in shown
        ]
        more = f"<p class=note>The {len(shown)} labels with most mistakes.</p>" if len(shown) < len(self.labels) else ""
        return _table(["labelled \\ said", *(self.labels[said] for said in shown)], rows) + more

    def _pairs(self) -> str:
        wrong = np.flatnonzero(~self.right)
        if not len(wrong):
            return "<p>None.</p>"
        pairs, counts = np.unique(np.stack([self.gold[wrong], self.chosen[wrong]], 1), axis=0, return_counts=True)
        rows = []
        for at in np.argsort(-counts, kind="stable")[:MOST_PAIRS]:
            gold, said = pairs[at]
            example = next(i for i in wrong if (self.gold[i], self.chosen[i]) == (gold, said))
            rows.append(
                [self.labels[gold], self.labels[said], int(counts[at]), _short(self.learnt.masked[self.rows[example]])]
            )
        return _table(["labelled", "said", "rows", "such as"], rows, wide=3)

    def _slices(self) -> str:
        rows = []
        for name, value_of in self._slicers():
            values = np.array([value_of(int(row)) for row in self.rows])
            for value in np.unique(values):
                of = values == value
                if value and of.sum() >= FEWEST_OF_SLICE:
                    answer = [_share(int(self.right[of].sum()), int(of.sum())), f"{self.scores[of].mean():.3f}"]
                    rows.append([f"{name}: {value}", int(of.sum()), *answer])
        return _table(["slice", "rows", "accuracy", "mean score"], rows)

    def _slicers(self) -> list[tuple[str, Callable[[int], str]]]:
        examples = self.learnt.examples.rows
        return [
            ("language", lambda row: self.learnt.languages[row]),
            ("words", lambda row: _length(self.learnt.masked[row])),
            ("group", lambda row: examples[row].group or ""),
            ("month", lambda row: (examples[row].created_at or "")[:7]),
            ("thread", lambda row: "said before" if examples[row].said else "first message"),
        ]


def _length(text: str) -> str:
    n = len(text.split())
    return next(
        name for most, name in ((5, "1 to 5"), (15, "6 to 15"), (40, "16 to 40"), (10**9, "over 40")) if n <= most
    )


def _certificates(title: str, certificates: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for kept in certificates:
        if kept["threshold"] > 1:
            rows.append([f"{kept['precision']:.2f}", "not enough rows, or too many wrong, to promise it", "", ""])
        else:
            facts = [f"{kept['threshold']:.3f}", f"{kept['coverage']:.3f}", f"{kept['lower_bound']:.3f}"]
            rows.append([f"{kept['precision']:.2f}", *facts])
    return f"<h3>{title}</h3>" + _table(["right at least", "threshold", "coverage", "lower bound"], rows)


def _suspects(suspects: Sequence[Suspect]) -> list[str]:
    parts = ["<h2>Likely label errors</h2>"]
    if not suspects:
        return [*parts, "<p>None.</p>"]
    rows = [[row.task, row.line, row.label, row.likely, _short(row.text)] for row in suspects[:MOST_SUSPECTS]]
    more = f"<p class=note>{len(suspects):,} in all; `tactful train --suspects FILE` writes them.</p>"
    return [*parts, _table(["task", "line", "labelled", "likelier", "text"], rows, wide=4), more]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else ""


def _table(heading: Sequence[str], rows: Sequence[Sequence[object]], *, wide: int = -1) -> str:
    def cells(row: Sequence[object]) -> str:
        return "".join(f"<td{' class=w' if at == wide else ''}>{escape(str(cell))}" for at, cell in enumerate(row))

    body = "".join(f"<tr>{cells(row)}" for row in rows)
    return f"<table><tr>{''.join(f'<th>{escape(name)}' for name in heading)}{body}</table>"


def _chart(line: Sequence[tuple[float, float]], points: Sequence[tuple[float, float]], across: str, up: str) -> str:
    """Shares from 0 to 1 on both axes."""

    def place(at: tuple[float, float]) -> str:
        return f"{40 + at[0] * 240:.1f},{250 - at[1] * 230:.1f}"

    drawn = f"<polyline fill=none stroke=#2b6cb0 stroke-width=2 points='{' '.join(map(place, line))}'/>"
    for point in points:
        x, y = place(point).split(",")
        drawn += f"<circle cx={x} cy={y} r=4 fill=#c05621><title>{point[0]:.3f}, {point[1]:.3f}</title></circle>"
    ticks = "".join(
        f"<text x={40 + share * 240:.0f} y=266 font-size=11 text-anchor=middle>{share:g}</text>"
        f"<text x=34 y={254 - share * 230:.0f} font-size=11 text-anchor=end>{share:g}</text>"
        for share in (0, 0.5, 1)
    )
    names = f"<text x=160 y=282 font-size=12 text-anchor=middle>{across}</text><text x=44 y=14 font-size=12>{up}</text>"
    frame = "<path d='M40 20V250H280' fill=none stroke=#8a94a0 />"
    return f"<svg width=300 height=290 role=img aria-label='{up} against {across}'>{frame}{ticks}{names}{drawn}</svg>"
