"""ToneModel: what is wrong with an outgoing text, where, and what to write instead; a `care.ports.ToneChecker`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from care.message import Visibility
from care.mood import is_pressed, is_upset
from care.phrases import Hit, Words, read
from care.reply import Finding, ToneReport, Verdict
from model.tone import causes, checks
from model.tone.checks import ChannelLimit, Seen, VoiceRules
from model.tone.head import ToneHead
from model.tone.rules import RuleHits, Rules, default_rules

# How a text without a head is scored: how likely a reviewer sent it back, by its worst finding.
_WITHOUT_HEAD = {"stop": 0.05, "warn": 0.6, "hint": 0.9}
_MAX_FINDINGS = 20
REMEMBERED_TEXTS = 256


@dataclass(frozen=True, slots=True)
class ToneFacts:
    """Everything known about one text before anybody judges it. facts: what the head is told, 0 to 1."""

    words: Words
    seen: tuple[Seen, ...]
    facts: Mapping[str, float]
    is_upset: bool


@dataclass(frozen=True)
class ToneModel:
    """Span rules and a trained head, one verdict. Safe from several threads; no I/O after construction.

    limits: the longest text by channel name, "*" for all others.
    """

    voice: VoiceRules
    limits: Mapping[str, ChannelLimit]
    rules: Rules = field(repr=False)
    head: ToneHead | None = field(repr=False, default=None)
    _words_and_hits: Callable[[str], tuple[Words, RuleHits]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rules = self.rules

        def words_and_hits(text: str) -> tuple[Words, RuleHits]:
            words = read(text)
            return words, rules.find(words)

        # A text is checked when it is drafted, when it is shown and when it is sent, and many plays have no slots.
        object.__setattr__(self, "_words_and_hits", lru_cache(maxsize=REMEMBERED_TEXTS)(words_and_hits))

    @classmethod
    def load(
        cls, folder: Path, *, voice: VoiceRules | None = None, limits: Mapping[str, ChannelLimit] | None = None
    ) -> "ToneModel":
        """The rules and the head in `folder`. Raises BundleError when the head is missing or damaged."""
        return cls.rules_only(voice=voice, limits=limits).with_head(ToneHead.load(folder))

    @classmethod
    def rules_only(
        cls, *, voice: VoiceRules | None = None, limits: Mapping[str, ChannelLimit] | None = None
    ) -> "ToneModel":
        """The rules alone, for those who ask for it: plays are checked this way before anything is trained."""
        voice = voice or VoiceRules()
        rules = default_rules()
        if voice.forbidden:
            rules = rules.with_forbidden(voice.forbidden)
        return cls(voice, limits or {}, rules)

    def with_head(self, head: ToneHead) -> "ToneModel":
        """The same voice, limits and rules, judged by this head."""
        return ToneModel(self.voice, self.limits, self.rules, head)

    def check(
        self,
        text: str,
        *,
        channel: str,
        to: str | None = None,
        mood: str | None = None,
        urgency: str | None = None,
        name: str | None = None,
        visibility: Visibility | None = None,
    ) -> ToneReport:
        """Judge one outgoing text. Never raises, whatever the text.

        to: what the customer wrote; mood, urgency: its labels (read from `to` when missing); name: the customer's.
        visibility: who can read it; None: as the channel is.
        """
        if not text.strip():
            return ToneReport(Verdict.STOP, 0.0, (Finding("empty", 0, len(text), "There is nothing in it."),))
        reading = self.read(text, channel=channel, to=to, mood=mood, urgency=urgency, name=name, visibility=visibility)
        has_stop = any(seen.severity == "stop" for seen in reading.seen)
        has_warn = any(seen.severity == "warn" for seen in reading.seen)
        head = self.head
        points, is_known = head.judge(reading.words, reading.facts, is_upset=reading.is_upset) if head else (0.0, False)
        if head is None or not is_known:
            worst = "stop" if has_stop else "warn" if has_warn else "hint"
            score = _WITHOUT_HEAD[worst] if reading.seen else 0.97
            verdict = Verdict.STOP if has_stop else Verdict.WARN if has_warn else Verdict.SEND
            return ToneReport(verdict, score, _findings(reading.seen, verdict))
        score = head.probability(points)
        seen = reading.seen
        if has_stop:
            score = min(score, head.stop_below / 2)
        # Whatever the head says, and wherever its thresholds lie: a rule that stops is never outvoted.
        is_stopped = has_stop or (score < head.stop_below and not _is_only_cool(reading))
        verdict = Verdict.STOP if is_stopped else Verdict.WARN if score < head.warn_below else Verdict.SEND
        if verdict is Verdict.SEND and has_warn:
            verdict = Verdict.WARN
        if verdict is not Verdict.SEND and not seen:
            seen = (self._worst(text, reading),)
        return ToneReport(verdict, round(score, 4), _findings(seen, verdict))

    def read(
        self,
        text: str,
        *,
        channel: str = "*",
        to: str | None = None,
        mood: str | None = None,
        urgency: str | None = None,
        name: str | None = None,
        visibility: Visibility | None = None,
    ) -> ToneFacts:
        """What the rules see, without a verdict; training reads replies with the same words."""
        words, rule_hits = self._words_and_hits(text)
        asked, theirs = _asked(to[:4_000]) if to else (None, None)
        # Who labelled the message knows better; its words are searched only where nobody did.
        is_labelled = mood is not None or urgency is not None or asked is None
        about = frozenset() if is_labelled or asked is None else self.rules.find(asked).cues
        upset = _is_upset(mood, urgency, about)
        profile = self.voice.profile
        seen: list[Seen] = []
        for hit in rule_hits.hits:
            rule = self.rules.rules[hit.key]
            if rule.applies(is_upset=upset, profile=profile):
                seen.append(self._seen(text, hit))
        seen += checks.shouting(text, allowed=self.voice.allowed)
        seen += checks.emoji(text, policy=self.voice.emoji, profile=profile, is_upset=upset)
        is_public = None if visibility is None else visibility is Visibility.PUBLIC
        limit = self.limits.get(channel) or self.limits.get("*")
        seen += checks.length(text, limit.private if limit and is_public is False else limit, channel=channel)
        seen += checks.slots(text)
        for told in causes.find(text, to=to, channel=channel, is_upset=upset, is_public=is_public):
            seen.append(Seen(told.cause.rule, "stop", told.start, told.end, told.cause.message))
        seen += checks.wrong_name(text, name=name, to=to)
        seen += checks.wrong_language(text, words, to=theirs, language=self.voice.language)
        seen += checks.readability(text, words, max_grade=self.voice.max_grade)
        if upset:
            seen += checks.cold(text, rule_hits.cues, words)
        facts = _facts(text, words, rule_hits, seen, mood=mood, channel=channel)
        return ToneFacts(words, tuple(seen), facts, upset)

    def _seen(self, text: str, hit: Hit) -> Seen:
        rule = self.rules.rules[hit.key]
        fix = self.rules.fixes.get((hit.key, hit.phrase))
        if fix and text[hit.start].isupper():
            fix = fix[0].upper() + fix[1:]
        return Seen(rule.id, rule.severity, hit.start, hit.end, rule.message, fix)

    def _worst(self, text: str, reading: ToneFacts) -> Seen:
        assert self.head is not None
        start, end = self.head.worst(reading.words, is_upset=reading.is_upset) or (0, len(text))
        message = "It reads unlike what we send"
        message += " to someone who is upset: say it more warmly." if reading.is_upset else ": say it more politely."
        return Seen("tone", "stop", start, end, message)


def _is_only_cool(reading: ToneFacts) -> bool:
    """Whether all that was seen is a missing kind word, in a reply that asks or offers something: worth a look."""
    does_something = "says offers" in reading.facts or reading.facts["asks"] > 0
    return does_something and {fault.rule for fault in reading.seen} == {"cold"}


@lru_cache(maxsize=64)
def _asked(text: str) -> tuple[Words, str | None]:
    """What the customer wrote, and in which language: read once for all drafts that answer it."""
    words = read(text)
    return words, checks.spoken(text, words)


def _is_upset(mood: str | None, urgency: str | None, about: frozenset[str]) -> bool:
    """Negative or pressed. Labels win; without them the customer's own words are read."""
    if mood is not None or urgency is not None:
        return is_upset(mood) or is_pressed(urgency, sentiment=mood)
    return "urgent" in about or ("upset" in about and "happy" not in about)


def _findings(seen: tuple[Seen, ...], verdict: Verdict) -> tuple[Finding, ...]:
    """What a person is shown: hints only when the text is not to be sent and nothing weightier says why."""
    shown = [fault for fault in seen if fault.severity != "hint"]
    if verdict is Verdict.STOP and not any(fault.severity == "stop" for fault in shown):
        shown += [fault for fault in seen if fault.severity == "hint"]
    elif verdict is not Verdict.SEND and not shown:
        shown = list(seen)
    unique = {(fault.start, fault.end, fault.rule): fault for fault in shown}
    ordered = [unique[place] for place in sorted(unique)[:_MAX_FINDINGS]]
    return tuple(Finding(fault.rule, fault.start, fault.end, fault.message, fault.fix) for fault in ordered)


def _facts(
    text: str, words: Words, rule_hits: RuleHits, seen: list[Seen], *, mood: str | None, channel: str
) -> dict[str, float]:
    """What the head is told beside the words. Bounded, so that no single fact drowns the others."""
    facts: dict[str, float] = {}
    for fault in seen:
        facts[fault.rule] = 1.0
        facts[fault.severity] = min(1.0, facts.get(fault.severity, 0.0) + 0.5)
    for cue in rule_hits.cues:
        facts["says " + cue] = 1.0
    if mood is not None:
        facts["mood " + mood] = 1.0
    n_words = len(words.words)
    facts["short"] = 1.0 if n_words < 8 else 0.0
    facts["long"] = min(1.0, n_words / 200)
    facts["exclaims"] = min(1.0, text.count("!") / 3)
    facts["asks"] = min(1.0, text.count("?") / 3)
    count = words.words.count
    facts["you"] = min(1.0, (count("you") + count("your")) / 5)
    facts["we"] = min(1.0, sum(map(count, ("we", "our", "us", "i", "my", "me"))) / 5)
    facts["small start"] = 1.0 if text[:1].islower() else 0.0
    facts["public"] = 1.0 if channel in causes.PUBLIC else 0.0
    return facts
