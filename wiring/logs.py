"""Logs: an event and its facts, to stderr. No customer text: what could be somebody's words is left out."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

import structlog

from care.errors import TactfulError

if TYPE_CHECKING:
    from wiring.settings import Settings

MAX_FACT_LENGTH = 200
"""Ids, labels and addresses are shorter; a message from a customer often is not."""

NEVER = frozenset(
    {
        "text", "subject", "body", "draft", "drafts", "note", "author", "handle", "email", "name",
        "password", "token", "secret", "cookie", "authorization", "args", "kwargs", "arguments",
    }
)  # fmt: skip
"""Facts that are left out whatever they hold."""

QUIET = (
    "bm25s", "rq.worker", "rq.job", "sqlalchemy", "alembic", "httpx", "httpx2", "httpcore", "presidio-analyzer",
    "mail.log",
)  # fmt: skip
"""Libraries of which only warnings are wanted, also at level debug: SQLAlchemy then tells every row it reads."""

OUR_FACTS = ("version", "n_problems")
"""Facts that rooms below this one log by the standard library; what other libraries add is left out."""

Record = MutableMapping[str, Any]


def set_up_logs(settings: "Settings") -> None:
    """Send every log of this process, ours and the libraries', through the same few steps. Safe to call twice."""
    is_json = settings.logs.format == "json" or (settings.logs.format == "auto" and not sys.stderr.isatty())
    steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        tell_error,
        leave_out_words,
    ]
    last = structlog.processors.JSONRenderer() if is_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_one_line, structlog.stdlib.ExtraAdder(allow=OUR_FACTS), *steps],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    handler.addFilter(_is_wanted)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.logs.level.upper())
    for name in QUIET:
        # Saves them the work of lines that nobody hears; the filter holds where a library sets its level when imported.
        logging.getLogger(name).setLevel(logging.WARNING)


def _is_wanted(record: logging.LogRecord) -> bool:
    """Everyday lines of QUIET tell nothing that ours do not, and some of them quote what they work on."""
    is_quiet = any(record.name == name or record.name.startswith(f"{name}.") for name in QUIET)
    return record.levelno >= logging.WARNING or not is_quiet


def tell_error(logger: Any, method: str, record: Record) -> Record:
    """An exception as its class and where it happened.

    Its words are kept only when it is one of ours: a foreign error may quote what it choked on.
    """
    info = record.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        record["error"] = type(error).__name__
        if isinstance(error, TactfulError):
            record["why"] = str(error)
        frames = traceback.extract_tb(error.__traceback__)[-6:]
        record["at"] = " < ".join(f"{_short(frame.filename)}:{frame.lineno}" for frame in reversed(frames))
    return record


def leave_out_words(logger: Any, method: str, record: Record) -> Record:
    """Drop facts that may be words of a customer, by name and by length."""
    for key, value in record.items():
        if key.startswith("_") or key in ("event", "why", "at"):
            continue
        if key in NEVER or not _is_fact(value):
            record[key] = "(left out)"
    record["event"] = str(record.get("event", ""))[:MAX_FACT_LENGTH]
    return record


def _is_fact(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_FACT_LENGTH and "\n" not in value
    return value is None or isinstance(value, bool | int | float)


def _one_line(logger: Any, method: str, record: Record) -> Record:
    """A library's message without the traceback some of them paste into it."""
    record["event"] = str(record.get("event", "")).split("\n", 1)[0]
    return record


def _short(filename: str) -> str:
    return "/".join(filename.rsplit("/", 2)[-2:])
