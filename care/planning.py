"""The plan check: a plan's worksheet filled from the playbook, what runs, and the figures of the last four weeks."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from care.plan import Plan, PlanLine
from care.plan_rows import Agreed, ChannelState, LastMonth, Running, Worksheet
from care.ports import Channel, Playbook
from care.reporting import By, Days, Period, report
from care.results import counted
from care.unit_of_work import Store, Work

N_DAYS = 28
"""Four weeks up to today: each weekday four times."""


def plan_of(
    store: Store,
    playbook: Playbook,
    channels: Mapping[str, Channel],
    *,
    settings: Sequence[PlanLine],
    has_address: bool,
    now: datetime,
) -> Plan:
    """The plan as it stands now. settings: what is set, as lines. has_address: whether we are reached by a name."""
    edition = playbook.edition()
    last = now.astimezone(ZoneInfo(edition.policy.zone)).date()
    period = Period.of_days(last - timedelta(days=N_DAYS - 1), last, edition.policy.zone)
    agreed = Agreed(
        edition.version,
        edition.policy,
        edition.channels,
        edition.teams,
        edition.contacts,
        edition.plays,
        edition.charter,
        edition.question,
    )
    with store(read=True) as work:
        running = Running(_states(work, channels), work.access.people(), [*settings, *_outside(work, now)], has_address)
        month = _month(counted(work, edition, period), work.reporting.asked(period.since, period.until), period)
    rows = Worksheet(now, agreed, running, month).rows()
    return Plan(agreed.charter.brand, now, agreed.version, period.days[0], last, rows)


def _states(work: Work, channels: Mapping[str, Channel]) -> list[ChannelState]:
    on = work.switches.on()
    return [
        ChannelState(name, channel.is_public, None if channel.is_rehearsal else on.get(name))
        for name, channel in sorted(channels.items())
    ]


def _outside(work: Work, now: datetime) -> list[PlanLine]:
    """Programs that may call us, and those that are told what happens."""
    keys = sorted(key.name for key in work.access.keys() if key.is_living(now))
    endpoints = work.endpoints.all()
    return [
        PlanLine(f"Programs with a key: {', '.join(keys) or 'none'}", "table keys"),
        PlanLine(f"Systems that are told what happens: {len(endpoints) or 'none'}", "table endpoints"),
    ]


def _month(days: Sequence[Days], asked: Mapping[str, tuple[int, int]], period: Period) -> LastMonth:
    by_channel = report(days, period=period, by=By.CHANNEL)
    by_weekday: Counter[tuple[str, int, str]] = Counter()
    for day, cell in ((day, cell) for some in days for day, cells in some.items() for cell in cells):
        for figure, count in cell.line.figures.items():
            by_weekday[cell.about.channel, day.weekday(), figure] += count
    return LastMonth(by_channel.total, {line.key: line for line in by_channel.lines}, by_weekday, asked)
