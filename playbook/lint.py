"""What is not wrong enough to refuse a playbook, but what its owners want to know before it is used."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product

from care.classification import RISKS
from care.cues import plain
from care.decision import Action
from care.errors import Problem
from care.handing_over import reachable
from care.matter import NEXT, Step
from care.mood import UPSET_MOODS
from care.ports import ToneChecker
from care.reply import Verdict
from playbook import signing
from playbook.book import ENTITIES, Book
from playbook.claims import acts, claims
from playbook.lengths import length_of
from playbook.plays import Play, Section
from playbook.reach import unreachable
from playbook.wording import APOLOGY, listed

CALM_KINDS = frozenset({"praise", "small_talk", "spam"})
SAMPLES = {
    "name": "Katharina", "agent": "Jo", "promise": "by 10:00 on Wednesday, 23 December", "order_number": "LF-204817",
    "parcel_number": "JD0002123456789012", "amount": "129.90 EUR", "date": "23 November", "time": "16:30",
    "city": "Leipzig", "product": "oak side table", "flight_number": "LF2048",
    "given": "the number", "tried": "a restart",
}  # fmt: skip


def lint(
    book: Book,
    *,
    tone: ToneChecker | None = None,
    labels: Mapping[str, Sequence[str]] | None = None,
    risks: Collection[str] = RISKS,
) -> list[Problem]:
    """Everything worth mending: plays nobody reaches, intents without one, long texts, tone, no offline path.

    labels: by task, of the bundle it is to work with; an intent that no line names is answered as if nothing fitted.
    risks: kinds of what cannot wait that something reads.
    """
    return [
        *_unknown(book, (labels or {}).get("intent", ())),
        *(unreachable(book, labels, risks=risks) if labels else ()),
        *_uncovered(book),
        *_offline_path(book),
        *_rules(book),
        *_risks(book),
        *(problem for play in book.plays for problem in _steps(play, book)),
        *(problem for play in book.plays for problem in _play(play, book, tone)),
    ]


def lint_play(play: Play, book: Book, *, tone: ToneChecker | None = None) -> list[Problem]:
    """What is worth mending in one play of a playbook."""
    return [*_steps(play, book), *_play(play, book, tone)]


def _unknown(book: Book, intents: Iterable[str]) -> Iterator[Problem]:
    for intent in intents:
        if intent not in book.policy.intents:
            yield Problem("playbook.yaml", f"does not know {intent}, a label of the bundle", "a line under `intents:`")


def _uncovered(book: Book) -> Iterator[Problem]:
    for intent, (is_public, place) in product(book.policy.intents, ((True, "public"), (False, "private"))):
        line = book.policy.intents[intent]
        if (line.public if is_public else line.private) is Action.ESCALATE and _has_escalating(book, place):
            continue
        if not any(
            play.when.intents and intent in play.when.intents and not play.manner.is_offline
            and play.when.visibility in (None, place) and _speaks(play, is_public)
            for play in book.plays
        ):  # fmt: skip
            yield Problem("plays", f"{intent} has no play for {place} channels", "write one in plays/")


def _has_escalating(book: Book, place: str) -> bool:
    """Whether some play answers what somebody acts on at once, whatever its label."""
    return any(
        not play.when.intents and Action.ESCALATE in play.actions and not play.manner.is_offline
        and play.when.visibility in (None, place) and _speaks(play, place == "public")
        for play in book.plays
    )  # fmt: skip


def _speaks(play: Play, is_public: bool) -> bool:
    other = "private" if is_public else "public"
    return any(other not in section.words for section in play.sections)


def _offline_path(book: Book) -> Iterator[Problem]:
    if not book.reach.safe_channels:
        yield Problem("playbook.yaml", "names no safe channel", "add one under safe_channels")
    for place in ("public", "private"):
        if not any(_is_offline_path(play, place) for play in book.plays):
            yield Problem("plays", f"no offline play answers every {place} message", "one with `intents: [any]`")


def _is_offline_path(play: Play, place: str) -> bool:
    """Whether a play takes any message of this place offline, on no further condition."""
    asks_little = play.when.n_conditions == (play.when.visibility is not None)
    is_there = play.when.visibility in (None, place) and not play.when.intents
    return play.manner.is_offline and play.manner.approach == "offline" and is_there and asks_little


def _rules(book: Book) -> Iterator[Problem]:
    for n, rule in enumerate(book.policy.rules):
        for earlier in book.policy.rules[:n]:
            if earlier.when == rule.when:
                yield Problem("playbook.yaml", f"rule {rule.name!r} never holds, {earlier.name!r} comes first")
        if rule.action is Action.ESCALATE and rule.when.intents:
            yield Problem(
                "playbook.yaml",
                f"rule {rule.name!r} escalates but asks for an intent, which another bundle may not have",
                "put what cannot wait under `risks:`",
            )


def _risks(book: Book) -> Iterator[Problem]:
    """What cannot wait has to reach somebody, and has words of its own."""
    policy = book.policy
    for kind in RISKS:
        tells = policy.risk(kind).tells
        if tells and reachable(policy, tells) is None and reachable(policy, "*") is None:
            yield Problem("playbook.yaml", f"nobody can be told of {kind}: {tells} has no contact with an email",
                          "a ladder under `escalation:`")  # fmt: skip
        if policy.risks and kind not in policy.risks:
            yield Problem("playbook.yaml", f"says nothing of {kind}", "a line under `risks:`; until then it escalates")
        elif policy.risks and not any(kind in play.when.risks for play in book.plays):
            yield Problem("plays", f"no play answers {kind}", f"one with `intents: [any]`, `when: {{risks: [{kind}]}}`")


def _steps(play: Play, book: Book) -> Iterator[Problem]:
    """A step that no play can follow leads nowhere; a wording for a step that its play does not take is never read."""
    for step in sorted(play.premises.steps):
        following = NEXT[step]
        if following and not any(
            _may_follow(other, play) and other.premises.steps & set(following) for other in book.plays
        ):
            wanted = " or ".join(step.value for step in following)
            yield Problem(play.source.file, f"the step {step} leads nowhere: no play takes {wanted} after it",
                          f"a play with `steps: [{following[0]}]` for the same intents, or for any")  # fmt: skip
    for section in play.sections:
        for word in sorted(section.words & set(Step) - play.premises.steps):
            where = f"{play.source.file}:{section.line}"
            yield Problem(where, f"is for the step {word}, which the play does not take",
                          "add it to `steps:`")  # fmt: skip


def _may_follow(play: Play, before: Play) -> bool:
    """Whether a play can answer the matter that another one answered."""
    either = play.when.intents and before.when.intents
    return (
        not (either and play.when.intents.isdisjoint(before.when.intents))
        and play.manner.is_offline == before.manner.is_offline
    )


def _play(play: Play, book: Book, tone: ToneChecker | None) -> Iterator[Problem]:
    if not play.source.owner:
        yield Problem(play.source.file, "has no owner", "name who mends it")
    yield from signing.problems(play, book.sign_off, today=datetime.now(UTC).date())
    if not _is_reachable(play, book):
        yield Problem(play.source.file, "is never reached: no decision for its intents is among its actions")
    if play.handed_to and reachable(book.policy, play.handed_to) is None:
        what = f"is never offered: it says that {play.handed_to} has the matter, and nobody can be told there"
        yield Problem(play.source.file, what, "a contact with an email under `escalation:`")
    for section in play.sections if not play.handed_to else ():
        for sentence in claims(section.body.source):
            yield Problem(f"{play.source.file}:{section.line}", f"claims that somebody else has it: {sentence!r}",
                          "declare `needs: {handed_to: TEAM}`, or say what you will do")  # fmt: skip
    for section in play.sections if not _is_borne_out(play) else ():
        for sentence in acts(section.body.source, filled=book.slots.by_agent):
            yield Problem(f"{play.source.file}:{section.line}", f"tells of an act that nobody recorded: {sentence!r}",
                          "say under `when:` or `assumes:` what shows it, or say what you will do")  # fmt: skip
    seen: set[str] = set()
    for section, rules in product(play.sections, book.channels.values()):
        place = "public" if rules.is_public else "private"
        if (play.when.channels and rules.name not in play.when.channels) or play.when.visibility not in (None, place):
            continue
        if {"public", "private"} & section.words and place not in section.words:
            continue
        if "email" in section.words and rules.name != "email":
            continue
        for problem in _text(play, section, rules.name, book, tone):
            if str(problem) not in seen:
                seen.add(str(problem))
                yield problem


def _is_borne_out(play: Play) -> bool:
    """Whether an act that it tells of was recorded when it is offered: a hand-over, a masked text, a premise."""
    return bool(play.handed_to or play.manner.is_offline or play.premises.assumes or play.when.risks)


def _is_reachable(play: Play, book: Book) -> bool:
    intents = play.when.intents or frozenset(book.policy.intents)
    lines = [book.policy.intents[intent] for intent in intents if intent in book.policy.intents]
    reached = {line.public for line in lines} | {line.private for line in lines}
    for rule in book.policy.rules:
        if not rule.when.intents or not intents.isdisjoint(rule.when.intents):
            reached.add(rule.action)
    # An agent may override a decision, so a play for answering is always within reach.
    reached |= {Action.ANSWER_PUBLIC, Action.ANSWER_PRIVATE}
    reached |= {book.policy.risk(kind).action for kind in play.when.risks}
    if any(book.policy.risk(kind).is_offline for kind in play.when.risks):
        reached.add(Action.TAKE_OFFLINE)
    if play.manner.is_offline:
        reached.add(Action.TAKE_OFFLINE)
    return not reached.isdisjoint(play.actions)


def may_be_upset(play: Play, book: Book) -> bool:
    """Whether an upset customer can be answered with this play: not where it deflects or takes praise."""
    calm_only = play.when.sentiments and play.when.sentiments.isdisjoint(UPSET_MOODS)
    if calm_only or play.when.is_upset is False or play.actions == {Action.DEFLECT}:
        return False
    lines = [book.policy.intents[intent] for intent in play.when.intents if intent in book.policy.intents]
    return not lines or any(line.kind not in CALM_KINDS for line in lines)


def samples(play: Play, section: Section, channel: str, book: Book) -> Iterator[tuple[str, dict[str, str | bool]]]:
    """The longest and the barest text a section gives on a channel, in every mood, with the values behind it."""
    rules = book.channel(channel)
    safe = book.reach.safe_channels[0] if book.reach.safe_channels else None
    page = book.slots.pages.get(play.manner.page or "")
    asked = [book.slots.facts[name].ask for name in play.needs]
    fixed: dict[str, str | bool] = {
        "brand": book.brand.name, "phone": book.brand.phone, "care_email": book.brand.care_email,
        "case_number": book.brand.case_number, "emergency": book.brand.emergency,
        "private_channel": rules.private_channel, "safe_channel": safe.say if safe else "",
        "safe_link": safe.link if safe else "", "link": page.url if page else "", "promise": SAMPLES["promise"],
        "public": rules.is_public, "private": not rules.is_public,
    }  # fmt: skip
    asking = listed(asked)
    moods = (False, True) if may_be_upset(play, book) else (False,)
    for upset, is_full in product(moods, (False, True)):
        if ("upset" in section.words and not upset) or (upset and _is_for_calm(section, play)):
            continue
        values: dict[str, str | bool] = {
            **fixed,
            **(SAMPLES if is_full else {}),
            "upset": upset, "apologised": "follow-up" in section.words, "known": "known" in section.words,
            "waiting": "waiting" in section.words, "follow_up": "follow-up" in section.words,
            "ask": "" if {"known", "waiting"} & section.words else asking,
            "asked": asking if "waiting" in section.words else "",
        }  # fmt: skip
        text, _ = section.body.render(values)
        words = " ".join(text.split())
        if not words:
            # Nobody is offered an empty draft: its words are for a brand that has what they name, a phone perhaps.
            continue
        opening = rules.greeting.replace("{name}", SAMPLES["name"]) if is_full else rules.unnamed
        ending = rules.sign_off.replace("{agent}", SAMPLES["agent"]) if is_full else rules.unsigned
        yield opening + words + ending, values


def _is_for_calm(section: Section, play: Play) -> bool:
    """Whether an upset customer gets another section of the play than this one."""
    upset = (section.words - {"any"}) | {"upset"}
    return "calm" in section.words or any(other.words == upset for other in play.sections if other is not section)


def _text(play: Play, section: Section, channel: str, book: Book, tone: ToneChecker | None) -> Iterator[Problem]:
    rules = book.channel(channel)
    where = f"{play.source.file}:{section.line}"
    has_short = any("short" in other.words for other in play.sections)
    for text, values in samples(play, section, channel, book):
        length = length_of(text, counted_as=rules.counted_as)
        if length > rules.limit and (not has_short or "short" in section.words):
            yield Problem(where, f"is {length} long on {channel}, which takes {rules.limit}", "add a `short` section")
        for phrase in book.voice.forbidden:
            if phrase.lower() in plain(text).lower():
                yield Problem(where, f"says {phrase!r}, which we never do")
        if APOLOGY.count_in(text) > 1:
            yield Problem(where, "apologises twice in one text", "once is enough")
        again, _ = section.body.render({**values, "apologised": True})
        if APOLOGY.is_in(again) and "first" not in section.words:
            yield Problem(where, "apologises a second time", "put it in {% if not apologised %}")
        needed = section.body.names & ({"link"} | set(ENTITIES))
        if "link" in needed and not play.manner.page:
            yield Problem(where, "writes a link but the play names no page", "add `page:` to the front matter")
        if tone is not None and not play.manner.language and "[[" not in text:
            mood = "negative" if values["upset"] else "neutral"
            report = tone.check(text, channel=channel, mood=mood)
            if report.verdict is not Verdict.SEND:
                reasons = "; ".join(sorted({finding.message for finding in report.findings})) or "no reason given"
                yield Problem(where, f"the tone check says {report.verdict}: {reasons}")
