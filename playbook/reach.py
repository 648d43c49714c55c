"""What a bundle makes unreachable: rules and plays that wait for labels it does not have."""

from collections.abc import Iterator, Mapping, Sequence

from care.classification import OUT_OF_SCOPE
from care.errors import Problem
from care.policy import When
from playbook.book import Book

_FIX = "name labels that the bundle has, ask for `risks`, or train it with them"


def unreachable(book: Book, labels: Mapping[str, Sequence[str]], *, reads_risk: bool = True) -> Iterator[Problem]:
    """Every rule and play that never holds with a bundle.

    labels: by task, what the bundle tells apart. reads_risk: whether the heads for what cannot wait are there. What
    waits for nothing but out_of_scope is left out: a bundle that never says so refuses nobody.
    """
    risks = _risks(book, labels, reads_risk=reads_risk)
    for rule in book.policy.rules:
        if lacks := _lacks(rule.when, labels, risks):
            yield Problem("playbook.yaml", f"rule {rule.name!r} never holds with this bundle: {lacks}", _FIX)
    for play in book.plays:
        if lacks := _lacks(play.when, labels, risks):
            yield Problem(play.file, f"is never reached with this bundle: {lacks}", _FIX)


def _risks(book: Book, labels: Mapping[str, Sequence[str]], *, reads_risk: bool) -> frozenset[str] | None:
    """The kinds of risk that can be found at all; None: every kind."""
    if reads_risk:
        return None
    return frozenset(
        kind
        for kind, line in book.policy.risks.items()
        if any(not _lacks(when, labels, frozenset()) for when in line.also)
    )


def _lacks(when: When, labels: Mapping[str, Sequence[str]], risks: frozenset[str] | None) -> str:
    """Why these conditions cannot hold, in words; "" where they can."""
    asked = (("intent", when.intents), ("sentiment", when.sentiments), ("urgency", when.urgencies))
    for task, wanted in asked:
        if wanted - {OUT_OF_SCOPE} and wanted.isdisjoint(labels.get(task, ())):
            return f"no {task} of the bundle is among {_few(wanted)}"
    if risks is not None and when.risks and when.risks.isdisjoint(risks):
        return f"nothing reads the risks {_few(when.risks)}"
    return ""


def _few(names: frozenset[str]) -> str:
    listed = sorted(names)
    return ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")
