"""What the checks say of a text, in five words: tone, promise, private data, language, length."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.console import wording
from api.console.quoting import Quoted
from care.placeholders import find
from care.reply import Finding, ToneReport, Verdict
from care.sensitive import SensitiveSpan

NAMES = ("tone", "promise", "private data", "language", "length")
OF_RULE = {
    "wrong_language": "language",
    "length": "length",
    "promise_money": "promise",
    "promise_hint": "promise",
    "promise_date": "promise",
    "date_hint": "promise",
}
STATES = ("ok", "warn", "stop")


@dataclass(frozen=True, slots=True)
class WordOfFive:
    """One check. state: ok, warn or stop."""

    name: str
    state: str

    @property
    def said(self) -> str:
        return {"ok": "in order", "warn": "look again", "stop": "stops it"}[self.state]


@dataclass(frozen=True, slots=True)
class VerdictView:
    """Of a whole text. state: send, open (a slot is not filled), warn or stop; title: that in words."""

    state: str
    title: str
    words: Sequence[WordOfFive]
    findings: Sequence[Finding] = ()
    hidden: Sequence[SensitiveSpan] = ()


def verdict_of(
    text: str, report: ToneReport, *, quoted: Quoted | None = None, hidden: Sequence[SensitiveSpan] = ()
) -> VerdictView:
    """Green only when nothing is open: every slot filled, and no check with anything to say."""
    states = dict.fromkeys(NAMES, "ok")
    is_stop = report.verdict is Verdict.STOP
    findings = [finding for finding in report.findings if finding.rule not in ("open_slot", "empty")]
    for finding in findings:
        _raise(states, OF_RULE.get(finding.rule, "tone"), "stop" if is_stop else "warn")
    if report.verdict is not Verdict.SEND and not report.findings:
        _raise(states, "tone", "stop" if is_stop else "warn")
    if hidden:
        _raise(states, "private data", "stop")
    if quoted is not None and quoted.has_passed:
        _raise(states, "promise", "stop")
    words = [WordOfFive(name, state) for name, state in states.items()]
    state, title = _whole(text, [word.state for word in words])
    return VerdictView(state, title, words, findings, hidden)


def _whole(text: str, states: Sequence[str]) -> tuple[str, str]:
    slots = find(text)
    if "stop" in states:
        return "stop", "Stop: this may not go out as it is"
    if slots:
        names = ", ".join(wording.words(slot.name) for slot in slots[:3])
        return "open", f"Not ready: {names} {'are' if len(slots) > 1 else 'is'} still open"
    return ("warn", "Worth a second look") if "warn" in states else ("send", "Ready to send")


def _raise(states: dict[str, str], name: str, state: str) -> None:
    states[name] = max(states[name], state, key=STATES.index)
