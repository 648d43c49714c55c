"""Once a crisis begins, changes or ends, what waits is drafted anew, some cases at a time."""

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from care.case_file import CaseFile
from care.crisis import is_statement
from care.elsewhere import open_elsewhere
from care.errors import Unreachable
from care.message import between_us
from care.preparing import DraftingTools, Prepared, assess, is_of_crisis, propose
from care.reply import Suggestion
from care.sensitive import WITHHELD_TEXT
from care.subject import whole_message, whole_thread
from care.unit_of_work import Store

log = logging.getLogger("tactful.sweep")

AT_ONCE = 50
"""Suggestions that are looked at in one round."""


@dataclass(frozen=True, slots=True)
class CrisisWatch:
    """Drafts anew what waits. tools: asked only while something is left to be looked at."""

    store: Store
    tools: Callable[[], DraftingTools]

    def look(self) -> dict[str, int]:
        """One round. Returns what was done, counted. Two at once do no harm."""
        with self.store(read=True) as work:
            seen = work.crises.unlooked()
            if seen is None:
                return {}
            waiting = work.crises.waiting(after=seen.after, limit=AT_ONCE)
        tools = replace(self.tools(), crisis=seen.crisis if seen.crisis.is_on else None)
        done: Counter[str] = Counter()
        for _, message_id in waiting:
            try:
                done["crisis_drafts"] += self._look_at(message_id, tools)
            except Unreachable:
                raise
            except Exception as error:  # noqa: BLE001  whatever reads or drafts it fails with
                # One that cannot be drafted must not hold up all the others; it keeps what it had.
                log.error("case not drafted anew: message %s, %s", message_id, type(error).__name__)
                done["crisis_failed"] += 1
        with self.store() as work:
            work.crises.looked(seen, upto=waiting[-1][0] if len(waiting) == AT_ONCE else None)
        return {name: n for name, n in done.items() if n}

    def _look_at(self, message_id: str, tools: DraftingTools) -> bool:
        """Whether a case was drafted anew."""
        with self.store(read=True) as work:
            file = work.cases.file(message_id)
            turns = work.messages.turns(file.message.thread_id, until=file.message.origin.written_at)
            elsewhere = open_elsewhere(work, file.case)
        known, old = file.classification, file.suggestion
        if known is None or old is None or file.message.text == WITHHELD_TEXT:
            return False
        if not (_is_as_decided(file) or _statement_of(old)):
            # A person decided otherwise: what they have in front of them stays.
            return False
        thread = between_us(turns, file.message)
        message, thread = whole_message(file.message, thread), whole_thread(thread)
        book, crisis = tools.playbook, tools.crisis
        assessed = assess(message, known, thread=thread, playbook=book, clock=tools.clock, elsewhere=elsewhere)
        is_about = is_of_crisis(crisis, assessed)
        if crisis is not None and is_about:
            with self.store() as work:
                work.crises.match(crisis.id, file.case.id)
        wanted = crisis.play if crisis is not None and crisis.offers and is_about else ""
        if wanted == _statement_of(old) and not (crisis is not None and crisis.offers and _is_playful(old, tools)):
            return False
        return self._save(old, propose(message, known, tools, thread=thread, elsewhere=elsewhere))

    def _save(self, old: Suggestion, prepared: Prepared) -> bool:
        anew = replace(old, drafts=prepared.drafts, asks=prepared.asks, playbook=prepared.playbook)
        with self.store() as work:
            work.cases.lock(old.case_id)
            is_anew = work.suggestions.redraft(anew)
            if is_anew:
                play = prepared.drafts[0].play if prepared.drafts else None
                facts = {"message_id": old.message_id, "play": play}
                work.note("suggestion.redrafted", old.id, by="tactful", facts=facts, case_id=old.case_id)
        return is_anew


def _is_as_decided(file: CaseFile) -> bool:
    """Whether what to do about it is what was decided when it was read."""
    return file.suggestion is not None and file.decision == file.suggestion.decision


def _statement_of(suggestion: Suggestion) -> str:
    """The statement that it offers, as its draft names it; "" for none."""
    return next((draft.play for draft in suggestion.drafts if is_statement(draft)), "")


def _is_playful(suggestion: Suggestion, tools: DraftingTools) -> bool:
    playful = {play.id for play in tools.playbook.plays if play.is_playful}
    return any(draft.play.partition("@")[0] in playful for draft in suggestion.drafts)
