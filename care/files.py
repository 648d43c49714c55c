"""Pictures and files that came with messages: kept by setting, fetched by people, gone when their time is over."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from care.errors import NotFound
from care.message import Attachment
from care.ports import Files, Refused
from care.unit_of_work import Store

UNREAD = "it could not be read"
GRACE_S = 3600.0
"""How long a file may lie there before a message names it: it is written first, and the message kept after it."""
_AT_ONCE = 500


def keep(attachment: Attachment, *, files: Files | None) -> Attachment:
    """The attachment as it is kept with its message. Where the file cannot be kept its problem says why.

    Whatever is wrong with a file, the message it came with is taken in.
    """
    bare = replace(attachment, content=None)
    if attachment.content is None or files is None or not files.is_open:
        return bare
    refused = files.too_large(attachment.size_bytes or 0)
    if refused is not None:
        return replace(bare, problem=refused.problem)
    try:
        content = attachment.content()
    except ValueError:
        return replace(bare, problem=UNREAD)
    kept = files.keep(content, media_type=attachment.media_type)
    if isinstance(kept, Refused):
        return replace(
            bare, media_type=kept.media_type or bare.media_type, size_bytes=len(content), problem=kept.problem
        )
    return replace(bare, media_type=kept.media_type, size_bytes=len(content), stored_as=kept.stored_as)


def fetch(store: Store, files: Files, attachment_id: str, *, by: str) -> tuple[Attachment, bytes]:
    """A kept file for somebody who is signed in; noted in the trail of its case. Raises NotFound."""
    with store(read=True) as work:
        attachment, case_id = work.attachments.get(attachment_id)
    # Not read while a transaction is open; a large file must not hold a connection.
    content = files.read(attachment.stored_as) if attachment.stored_as else None
    if content is None:
        raise NotFound("kept file", attachment_id)
    with store() as work:
        work.note("attachment.downloaded", attachment_id, by=by, case_id=case_id)
    return attachment, content


def clear(store: Store, files: Files, *, days: int, now: datetime) -> dict[str, int]:
    """Let go what is older than its days, and every file that no message names any more. Returns what was done.

    Safe to run twice and by two at once. A message that is erased takes its rows with it: its files go here.
    """
    why = f"its {days} day{'s are' if days != 1 else ' is'} over"
    with store() as work:
        n_over = work.attachments.let_go(received_before=now - timedelta(days=days), problem=why)
    n_gone = 0
    for some in _in_chunks(files.idle(GRACE_S), _AT_ONCE):
        with store(read=True) as work:
            named = work.attachments.named(some)
        n_gone += sum(files.remove(name, idle_s=GRACE_S) for name in some if name not in named)
    return {name: n for name, n in (("attachments_over", n_over), ("files_removed", n_gone)) if n}


def _in_chunks(names: Sequence[str], size: int) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, size)):
        yield some
