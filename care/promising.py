"""Hours that a person promises in their own words: "I'll ring you by 5 pm", "you'll hear from us within two hours".

Only a sentence in which one of us says that we do something is a promise: "we are open until six" and "send it back by
Friday" are not. Errs towards finding one: the person is asked, and can say that it is none.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "half an": 0.5, "a couple of": 2,
}  # fmt: skip
_UNITS = {"minute": 60, "min": 60, "hour": 3600, "hr": 3600, "day": 86_400}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PARTS = {"morning": time(12), "noon": time(12), "midday": time(12), "lunchtime": time(13), "lunch": time(13),
          "afternoon": time(17), "evening": time(20), "tonight": time(22), "end of day": time(18),
          "close of business": time(18), "midnight": time(23, 59)}  # fmt: skip
_DAY_ENDS = time(18)

_WE_DO = re.compile(
    r"\b(?:i|we)(?:['’]ll| will| shall|['’]m going to| am going to|['’]re going to| are going to| can| promise)\b"
    r"|\byou(?:['’]ll| will) (?:hear|have|get|receive|be called|be contacted|know)\b"
    r"|\b(?:back|call|ring|reply|answer|update|news|write|message|email|e-mail) (?:to you|you|from (?:me|us))\b"
    r"|\blet you know\b|\b(?:be|get) back to you\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+(?:\.(?=\d)[^.!?\n]+)*")
_SPAN = re.compile(
    r"\b(?:with)?in (?:the next )?(?P<n>\d{1,3}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
    r"[ -](?P<unit>minute|min|hour|hr|day)s?\b",
    re.IGNORECASE,
)
_HALF = re.compile(r"\b([ap])\.m\.", re.IGNORECASE)
_WHEN = rf"(?P<day>today|tonight|tomorrow|(?:on )?(?:this |next )?(?:{'|'.join(_DAYS)}))"
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_HOUR = re.compile(
    r"\b(?:by|before|until|till|at|no later than)\s+"
    r"(?:(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?(?:\s*(?P<half>[ap]\.?m\b\.?))?(?!\d|[.,:]\d|\s*%)"
    rf"|(?P<part>{_PART}))(?:\s+(?:o['’]clock\s+)?{_WHEN})?",
    re.IGNORECASE,
)
_DAY_HOUR = re.compile(
    rf"\b(?:(?:by|before|on)\s+)?{_WHEN}\s+(?:at|by|before)\s+(?:(?P<hour>\d{{1,2}})(?:[:.](?P<minute>\d\d))?"
    rf"(?:\s*(?P<half>[ap]\.?m\b\.?))?(?!\d|[.,:]\d|\s*%)|(?P<part>{_PART}))",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"\b(?:(?:by|before)\s+(?:the\s+)?(?P<end>end of (?:the )?day|close of business)(?:\s+(?P<endday>today|tomorrow))?"
    rf"|(?:by|before|on|this|later)\s+{_WHEN}(?:\s+(?P<part>{_PART}))?|(?P<tonight>tonight)"
    rf"|(?P<tomorrow>tomorrow)(?:\s+(?P<tpart>{_PART}))?"
    rf"|(?:this|later this)\s+(?P<this>morning|afternoon|evening))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FoundHour:
    """An hour that a text promises. words: as it says it; start, end: their place in code points."""

    words: str
    start: int
    end: int
    until: datetime


def promised_in(text: str, *, now: datetime, zone: str) -> FoundHour | None:
    """The latest hour that a text promises, None where it promises none. now: aware; zone: of who reads the clock."""
    local = now.astimezone(ZoneInfo(zone))
    # The full stops of "p.m." end no sentence.
    said, text = text, _HALF.sub(lambda match: f"{match[1]}m  ", text)
    hours: list[FoundHour] = []
    for sentence in _SENTENCE.finditer(text):
        if not _WE_DO.search(sentence.group()):
            continue
        n_before = len(hours)
        for pattern, read in ((_SPAN, _after), (_DAY_HOUR, _at_hour), (_HOUR, _at_hour), (_DAY, _on_day)):
            for match in pattern.finditer(sentence.group()):
                until = read(match, local)
                if until is not None and until > local:
                    start = sentence.start() + match.start()
                    hours.append(
                        FoundHour(said[start : start + len(match.group())], start, start + len(match.group()), until)
                    )
            if len(hours) > n_before:
                break
    return max(hours, key=lambda hour: hour.until, default=None)


def _after(match: re.Match[str], now: datetime) -> datetime:
    said = match["n"].lower()
    number = float(said) if said.isdigit() else _NUMBERS[said]
    return now + timedelta(seconds=number * _UNITS[match["unit"].lower()])


def _at_hour(match: re.Match[str], now: datetime) -> datetime | None:
    day = _day(match["day"], now)
    if match["part"]:
        return _at(day or now.date(), _PARTS[match["part"].lower()], now)
    hour, minute, half = int(match["hour"]), int(match["minute"] or 0), (match["half"] or "").lower().replace(".", "")
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    at = _at(day or now.date(), time(hour, minute), now)
    # "by 5" said at noon is five in the afternoon; said at six it is tomorrow's.
    if not half and hour < 12 and at <= now:
        at += timedelta(hours=12)
    return at if day or at > now else at + timedelta(days=1)


def _on_day(match: re.Match[str], now: datetime) -> datetime | None:
    if match["end"]:
        return _at(_day(match["endday"], now) or now.date(), _DAY_ENDS, now)
    if match["tonight"]:
        return _at(now.date(), _PARTS["tonight"], now)
    if match["this"]:
        return _at(now.date(), _PARTS[match["this"].lower()], now)
    if match["tomorrow"]:
        part = match["tpart"]
        return _at(now.date() + timedelta(days=1), _PARTS[part.lower()] if part else _DAY_ENDS, now)
    day, part = _day(match["day"], now), match["part"]
    if day is None:
        return None
    ends = time(22) if match["day"].lower() == "tonight" else _DAY_ENDS
    return _at(day, _PARTS[part.lower()] if part else ends, now)


def _day(said: str | None, now: datetime) -> date | None:
    if not said:
        return None
    word = said.lower().split()[-1]
    if word in ("today", "tonight"):
        return now.date()
    if word == "tomorrow":
        return now.date() + timedelta(days=1)
    ahead = (_DAYS.index(word) - now.weekday()) % 7
    return now.date() + timedelta(days=ahead or 7)


def _at(day: date, at: time, now: datetime) -> datetime:
    return datetime.combine(day, at, tzinfo=now.tzinfo)
