"""The rows of a plan: for each question of the worksheet what stands, and what is missing or contradicts it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from care.access import Person, Role
from care.channel_rules import ChannelRules, rules_of
from care.decision import Action
from care.handing_over import reachable
from care.hours import Window
from care.plan import Charter, PlanFinding, PlanLine, PlanRow, contradicts, missing, say_week
from care.plays import SIGNED_FOR, PlayEntry
from care.policy import Contact, Policy
from care.reporting import ReportLine, say_length, say_median, say_share
from care.spoken_hours import unlike

MISSED_OFTEN = 0.3
"""From this share of a channel's cases on, a published window that was missed is no promise."""
FEWEST = 10
"""With fewer cases a share of them says too little."""
FEWEST_ASKED = 3
"""Hand-overs that a contact has let pass before it is said that they never answer."""
FEWEST_UNREAD = 5
"""Messages on one weekday before it is said that nobody works on it."""
YEAR = timedelta(days=365)
IN_PROMISE = "within the published window"
_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
_PUBLIC = (Action.ANSWER_PUBLIC, Action.DEFLECT)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a playbook has agreed on, of one edition."""

    version: str
    policy: Policy
    channels: Mapping[str, ChannelRules]
    teams: Mapping[str, str]
    contacts: Sequence[Contact]
    plays: Sequence[PlayEntry]
    charter: Charter
    question: str


@dataclass(frozen=True, slots=True)
class ChannelState:
    """One channel to customers as it runs. live_since: None while it rehearses."""

    name: str
    is_public: bool
    live_since: datetime | None


@dataclass(frozen=True, slots=True)
class LastMonth:
    """What was counted. by_weekday: by channel, weekday (0 is Monday) and figure. asked: by contact, hand-overs whose
    hour has passed, and how many of those were answered."""

    total: ReportLine
    by_channel: Mapping[str, ReportLine] = field(default_factory=dict)
    by_weekday: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    asked: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """What runs beside the playbook. connected: settings, keys and endpoints, as lines."""

    channels: Sequence[ChannelState]
    people: Sequence[Person]
    connected: Sequence[PlanLine]
    has_address: bool = True
    """Whether contacts and customers can reach us by an address of our own."""

    @property
    def live(self) -> list[ChannelState]:
        return [channel for channel in self.channels if channel.live_since is not None]


@dataclass(frozen=True, slots=True)
class Worksheet:
    """Everything that a plan is filled from."""

    now: datetime
    agreed: Agreed
    running: Running
    month: LastMonth

    def rows(self) -> tuple[PlanRow, ...]:
        """Every row, in the order of the worksheet."""
        asked: Mapping[str, tuple[Says, Finds]] = {
            "accountable": (_who, _nobody),
            "channels": (_channels, _channel_findings),
            "voice": (_voice, _voice_findings),
            "public": (_public, _public_findings),
            "hours": (_hours, _hours_findings),
            "levels": (_levels, _level_findings),
            "silence": (_silence, _silence_findings),
            "escalation": (_ladders, _ladder_findings),
            "staffing": (_staff, _staff_findings),
            "integration": (_connected, _connected_findings),
            "measures": (_measures, _measure_findings),
        }
        return tuple(PlanRow(key, tuple(says(self)), tuple(finds(self))) for key, (says, finds) in asked.items())

    @property
    def charter(self) -> Charter:
        return self.agreed.charter

    def place(self, key: str) -> str:
        return self.agreed.charter.place(key)


Says = Callable[[Worksheet], Iterable[PlanLine]]
Finds = Callable[[Worksheet], Iterable[PlanFinding]]


# who is accountable --------------------------------------------------------------------------------------------


def _who(sheet: Worksheet) -> Iterator[PlanLine]:
    charter = sheet.charter
    if charter.accountable:
        contact = _contact(sheet, charter.accountable)
        role = f", {contact.role}" if contact and contact.role else ""
        yield PlanLine(f"{charter.accountable}{role}", sheet.place("plan.accountable"))
    if charter.checked:
        yield PlanLine(f"People went through this plan on {charter.checked:%d %B %Y}", sheet.place("plan.checked"))
    owners = Counter(play.source.owner for play in sheet.agreed.plays if play.source.owner)
    for owner, n_plays in owners.most_common():
        yield PlanLine(f"{owner} owns {n_plays} play{'s' if n_plays > 1 else ''}", "plays/*.md owner")


def _nobody(sheet: Worksheet) -> Iterator[PlanFinding]:
    charter, where = sheet.charter, sheet.place("plan.accountable")
    if not charter.accountable:
        yield missing("nobody is named who is accountable for care", where, "name one of `contacts:`")
    checked = charter.checked
    if checked is None:
        yield missing("it is not said when people last went through the plan", sheet.place("plan.checked"), "a day")
    elif sheet.now.date() - checked > YEAR:
        yield missing("nobody has gone through the plan for a year", sheet.place("plan.checked"), "go through it")
    for play in sheet.agreed.plays:
        if not play.source.owner:
            yield missing(f"the play {play.id} has no owner", f"{play.source.file} owner", "name who mends it")


def _contact(sheet: Worksheet, name: str) -> Contact | None:
    return next((contact for contact in sheet.agreed.contacts if contact.name == name), None)


# channels ------------------------------------------------------------------------------------------------------


def _channels(sheet: Worksheet) -> Iterator[PlanLine]:
    for channel in sheet.running.channels:
        rules = rules_of(sheet.agreed.channels, channel.name)
        state = f"live since {channel.live_since:%d %B %Y}" if channel.live_since else "rehearses, nothing is sent"
        account = f" as {rules.account}" if rules and rules.account else ""
        purpose = sheet.charter.purposes.get(channel.name, "")
        who = "public" if channel.is_public else "private"
        key = f"channels.{channel.name}"
        yield PlanLine(f"{channel.name}{account}, {who}, {state}{f': {purpose}' if purpose else ''}", sheet.place(key))


def _channel_findings(sheet: Worksheet) -> Iterator[PlanFinding]:
    live = sheet.running.live
    if not live:
        yield missing("no channel is live", "table switches", "`tactful channels go-live NAME`")
    for channel in live:
        key = f"channels.{channel.name}"
        if not sheet.charter.purposes.get(channel.name):
            yield missing(f"it is not said what {channel.name} is for", sheet.place(f"{key}.purpose"), "say it")
        if not sheet.charter.staffed_by.get(channel.name):
            yield missing(f"no team staffs {channel.name}", sheet.place(f"{key}.staffed_by"), "name its teams")
        rules = rules_of(sheet.agreed.channels, channel.name)
        if rules is not None and rules.is_public != channel.is_public:
            theirs = "public" if rules.is_public else "private"
            what = f"{channel.name} is {theirs} in the playbook and not in the settings"
            yield contradicts(what, f"settings channels.{channel.name}.public", "say the same in both")


# identity and voice --------------------------------------------------------------------------------------------


def _voice(sheet: Worksheet) -> Iterable[PlanLine]:
    return sheet.charter.quoted.get("voice", ())


def _voice_findings(sheet: Worksheet) -> Iterator[PlanFinding]:
    if not sheet.charter.brand:
        yield missing("nobody says who we are", sheet.place("brand.name"), "the name that customers know")
    for channel in sheet.running.live:
        rules = rules_of(sheet.agreed.channels, channel.name)
        if channel.is_public and not (rules and rules.account):
            where = sheet.place(f"channels.{channel.name}.account")
            yield missing(f"the account on {channel.name} is not named", where, "the account that answers")


# what may be said in public ------------------------------------------------------------------------------------


def _public(sheet: Worksheet) -> Iterator[PlanLine]:
    intents = sheet.agreed.policy.intents
    for says, actions in (
        ("Answered in public", _PUBLIC),
        ("Answered in private only", (Action.ANSWER_PRIVATE, Action.TAKE_OFFLINE, Action.PHONE_OR_EMAIL)),
        ("Handed to somebody at once", (Action.ESCALATE,)),
    ):
        named = [intent.replace("_", " ") for intent, line in intents.items() if line.public in actions]
        if named:
            yield PlanLine(f"{says}: {', '.join(named)}", sheet.place("intents"))
    taken = [kind.replace("_", " ") for kind, line in sheet.agreed.policy.risks.items() if line.is_offline]
    if taken:
        yield PlanLine(f"Taken to a safe channel: {', '.join(taken)}", sheet.place("risks"))
    yield from sheet.charter.quoted.get("public", ())
    signed = Counter(
        (sign_off.by, sign_off.matter) for play in sheet.agreed.plays for sign_off in play.sign_offs.signed
    )
    for (by, matter), n_plays in signed.most_common():
        plays = "a play" if n_plays == 1 else f"{n_plays} plays"
        yield PlanLine(f"{by} approved {plays} for {matter} matter", "plays/*.md signed")


def _public_findings(sheet: Worksheet) -> Iterator[PlanFinding]:
    for matter in SIGNED_FOR:
        plays = [play for play in sheet.agreed.plays if matter in play.sign_offs.matters]
        unread = [
            play
            for play in plays
            if not play.sign_offs.withheld and all(done.matter != matter for done in play.sign_offs.signed)
        ]
        where = sheet.place(f"sign_off.{matter}")
        if unread:
            speak = "a play speaks" if len(unread) == 1 else f"{len(unread)} plays speak"
            what = f"{speak} of {matter} matter and nobody who knows it approved the words"
            yield missing(what, where, f"name who does under `sign_off: {{{matter}: {{by: [...]}}}}`")
    for play in sheet.agreed.plays:
        if play.sign_offs.withheld:
            what = f"{play.id} is not offered: {play.sign_offs.withheld}"
            yield missing(what, f"{play.source.file} signed", "`tactful playbook sign`")
        for sign_off in play.sign_offs.signed:
            if sheet.now.date() - sign_off.on > YEAR:
                what = f"{sign_off.by} approved {play.id} for {sign_off.matter} matter more than a year ago"
                yield contradicts(
                    what, f"{play.source.file} signed", "have it read again, then `tactful playbook sign`"
                )
    if not any(play.is_offline for play in sheet.agreed.plays):
        yield missing("no play takes a message offline", "plays/*.md offline", "`tactful playbook lint` says which")


# hours ---------------------------------------------------------------------------------------------------------


def _hours(sheet: Worksheet) -> Iterator[PlanLine]:
    said = [(say_week(sheet.agreed.policy.clock(channel.name).hours), channel.name) for channel in _of_interest(sheet)]
    for week, channels in groupby(sorted(said), key=lambda pair: pair[0]):
        names = [name for _, name in channels]
        yield PlanLine(f"{', '.join(names)}: {week}", sheet.place(f"channels.{names[0]}.hours"))


def _hours_findings(sheet: Worksheet) -> Iterator[PlanFinding]:
    policy = sheet.agreed.policy
    for channel in sheet.running.live:
        hours, where = policy.clock(channel.name).hours, sheet.place(f"channels.{channel.name}.hours")
        if not hours.closed and not all(hours.week):
            yield missing(f"{channel.name} has no public holidays", where, "`holidays:` of its hours")
        for day in range(7):
            n_came = sheet.month.by_weekday[channel.name, day, "messages"]
            if hours.week[day] and n_came >= FEWEST_UNREAD and not _n_done(sheet, channel.name, day):
                what = (
                    f"{channel.name} is said to be staffed on {_WEEKDAYS[day]}, "
                    f"and nobody answered any of {n_came} messages on them"
                )
                yield contradicts(what, where, "staff them, or take them out of the hours")
    clocks = list(policy.clocks.values())
    for play in sheet.agreed.plays:
        for said in dict.fromkeys(said for wording in play.wordings for said in unlike(wording.text, clocks)):
            what = f"the play {play.id} says {said!r}, which are no hours or windows that we keep"
            yield contradicts(what, play.source.file, "use {{ care_hours }} or {{ promise }}")


def _n_done(sheet: Worksheet, channel: str, day: int) -> int:
    """What people did for customers on a weekday."""
    counts = sheet.month.by_weekday
    return sum(counts[channel, day, figure] for figure in ("replies.sent", "resolved", "drafts.dismissed", "responses"))


def _of_interest(sheet: Worksheet) -> Sequence[ChannelState]:
    """The channels that are live; while none is, all of them."""
    return sheet.running.live or sheet.running.channels


# service levels ------------------------------------------------------------------------------------------------


def _levels(sheet: Worksheet) -> Iterator[PlanLine]:
    for urgency, window in _windows(sheet).items():
        clock = "at any hour" if window.is_always else "staffed time"
        named = "Anything else" if urgency == "*" else urgency.capitalize()
        yield PlanLine(
            f"{named}: {say_length(window.promise.total_seconds())} published, "
            f"{say_length(window.target.total_seconds())} our own target, {clock}",
            sheet.place(f"windows.{urgency}"),
        )
    for channel, line in sheet.month.by_channel.items():
        n_cases = _n_answered(line)
        share = line.share(IN_PROMISE)
        if share is not None:
            few = ": too few to tell" if n_cases < FEWEST else ""
            yield PlanLine(f"{channel}: {say_share(share)} of {n_cases} within the published window{few}", "report")


def _level_findings(sheet: Worksheet) -> Iterator[PlanFinding]:
    for urgency, window in _windows(sheet).items():
        if window.target == window.promise:
            what = f"the window {urgency!r} has no tighter target of our own"
            yield missing(what, sheet.place(f"windows.{urgency}"), "a `target` under the `promise`")
    for channel, line in sheet.month.by_channel.items():
        n_cases, share = _n_answered(line), line.share(IN_PROMISE)
        if share is not None and n_cases >= FEWEST and 1 - share >= MISSED_OFTEN:
            what = f"the published window was missed in {say_share(1 - share)} of {n_cases} cases on {channel}"
            yield contradicts(what, sheet.place("windows"), "publish what is kept, or staff for it")


def _n_answered(line: ReportLine) -> int:
    return line.figures["responses"] + line.figures["responses.overdue"]


def _windows(sheet: Worksheet) -> Mapping[str, Window]:
    return sheet.agreed.policy.clock("*").windows


# when not to answer --------------------------------------------------------------------------------------------


def _silence(sheet: Worksheet) -> Iterator[PlanLine]:
    policy = sheet.agreed.policy
    for place in ("public", "private"):
        lines = policy.intents.items()
        named = [name.replace("_", " ") for name, line in lines if getattr(line, place) is Action.IGNORE]
        if named:
            yield PlanLine(f"In {place}, unless a rule says otherwise: {', '.join(named)}", sheet.place("intents"))
    for rule in policy.rules:
        if rule.action is Action.IGNORE:
            yield PlanLine(f"{rule.name.capitalize()}: {rule.reason}", sheet.place(f"rules.{rule.name}"))
    yield PlanLine(f"Never on a guess: from a score of {policy.thresholds.silent_score:g} on", "care/policy.py")


def _silence_findings(sheet: Worksheet) -> Iterator[PlanFinding]:
    for intent, line in sheet.agreed.policy.intents.items():
        if line.kind == "complaint" and Action.IGNORE in (line.public, line.private):
            yield contradicts(f"{intent} is a complaint and is ignored", sheet.place(f"intents.{intent}"), "answer it")


# escalation ----------------------------------------------------------------------------------------------------


def _ladders(sheet: Worksheet) -> Iterator[PlanLine]:
    for team, steps in sheet.agreed.policy.steps.items():
        named = [
            f"{step.contact} after {say_length(step.after.total_seconds())}" if step.after else step.contact
            for step in steps
        ]
        yield PlanLine(f"{'Any other team' if team == '*' else team}: {', then '.join(named)}",
                       sheet.place(f"escalation.{team}"))  # fmt: skip
    for contact in sheet.agreed.contacts:
        n_asked, n_answered = sheet.month.asked.get(contact.name, (0, 0))
        told = f"; answered {n_answered} of {n_asked} hand-overs" if n_asked else ""
        answers = say_length(contact.answers_within.total_seconds())
        about = f", {contact.role}" if contact.role else ""
        yield PlanLine(f"{contact.name}{about}: answers within {answers}{told}",
                       sheet.place(f"contacts.{contact.name}"))  # fmt: skip


def _ladder_findings(sheet: Worksheet) -> Iterator[PlanFinding]:
    policy = sheet.agreed.policy
    for contact, (n_asked, n_answered) in sorted(sheet.month.asked.items()):
        if n_asked >= FEWEST_ASKED and not n_answered:
            what = f"{contact} answered none of {n_asked} hand-overs"
            yield contradicts(what, sheet.place(f"contacts.{contact}"), "talk to them, or name somebody else")
    for team in sorted({line.tells for line in policy.risks.values() if line.tells}):
        if reachable(policy, team) is None and reachable(policy, "*") is None:
            yield missing(
                f"nobody can be told for {team}", sheet.place(f"escalation.{team}"), "a contact with an email"
            )
    for kind, line in policy.risks.items():
        steps = policy.steps.get(line.tells) or policy.steps.get("*", ())
        if line.is_always and line.tells and steps and not any(step.is_day_and_night for step in steps):
            what = f"{kind.replace('_', ' ')} is acted on at any hour, and nobody of {line.tells} is called at night"
            yield contradicts(what, sheet.place(f"escalation.{line.tells}"), "a contact with `day_and_night: true`")


# staffing ------------------------------------------------------------------------------------------------------


def _staff(sheet: Worksheet) -> Iterator[PlanLine]:
    counts = Counter(person.role for person in sheet.running.people if person.is_active)
    said = [f"{counts[role]} {role}{'s' if counts[role] > 1 else ''}" for role in Role if counts[role]]
    yield PlanLine(", ".join(said) or "nobody", "table people")
    for channel, teams in sheet.charter.staffed_by.items():
        yield PlanLine(f"{channel}: {', '.join(teams)}", sheet.place(f"channels.{channel}.staffed_by"))
    for team, does in sheet.agreed.teams.items():
        yield PlanLine(f"{team}: {does}", sheet.place(f"teams.{team}"))


def _staff_findings(sheet: Worksheet) -> Iterator[PlanFinding]:
    active = [person for person in sheet.running.people if person.is_active]
    if len(active) < 2 and sheet.running.live:
        who = "one person" if active else "nobody"
        yield missing(f"{who} can answer: there is no deputy", "table people", "`tactful people add`")
    if active and sheet.running.live and not any(person.role is Role.SUPERVISOR for person in active):
        yield missing("nobody leads the desk", "table people", "a person with the role supervisor")


# integration ---------------------------------------------------------------------------------------------------


def _connected(sheet: Worksheet) -> Iterator[PlanLine]:
    yield from sheet.running.connected


def _connected_findings(sheet: Worksheet) -> Iterator[PlanFinding]:
    if sheet.running.live and not sheet.running.has_address:
        what = "channels are live and contacts have no address at which they reach us"
        yield missing(what, "settings server.public_url", "the https address of the console")


# measures ------------------------------------------------------------------------------------------------------


def _measures(sheet: Worksheet) -> Iterator[PlanLine]:
    yield from sheet.charter.quoted.get("measures", ())
    if sheet.agreed.question:
        yield PlanLine(f"Customers are asked: {sheet.agreed.question}", sheet.place("closing.question"))
    total = sheet.month.total
    if not total.figures["messages"]:
        yield PlanLine("Nothing was counted in these days", "report")
        return
    yield PlanLine(
        f"{total.figures['messages']} messages; first answer after {say_median(total)} (median); "
        f"{say_share(total.share(IN_PROMISE))} within the published window",
        "report",
    )
    if total.satisfaction is not None:
        yield PlanLine(f"Satisfaction {total.satisfaction:.1f} of 5, {sum(total.scores.values())} answers", "report")


def _measure_findings(sheet: Worksheet) -> Iterator[PlanFinding]:
    if not sheet.charter.quoted.get("measures"):
        yield missing("there is no goal", sheet.place("goals"), "a line under `goals:`")
    if not sheet.agreed.question:
        yield missing("customers are not asked whether they are content", sheet.place("closing.question"), "ask them")
