"""Changing plays from the console: words proposed from a reply, an edit that is checked before it is used, and undo."""

from dataclasses import dataclass

from care.errors import BadPlaybook, BadStep, Conflict, NotFound
from care.ids import new_id
from care.masking import mask
from care.play_changes import ChangeState, PlayChange
from care.plays import PlayPreview, PlaySource
from care.ports import Clock, Playbook, PlayEditor, Redactor, ToneChecker
from care.unit_of_work import Store

LONGEST_WORDS = 4000
LONGEST_FILE = 40_000
MOST_PROPOSED = 20
"""Proposals that wait for one play: more are not read."""


@dataclass(frozen=True, slots=True)
class PlayDesk:
    """What people may do to plays. A file stays what counts: who edits it by hand is never overwritten."""

    store: Store
    playbook: Playbook
    redactor: Redactor
    tone: ToneChecker
    clock: Clock

    @property
    def editor(self) -> PlayEditor:
        if (editor := self.playbook.editor) is None:
            raise BadStep("The files of this playbook cannot be written here.")
        return editor

    def propose(self, play_id: str, words: str, *, by: str, reason: str, case_id: str | None = None) -> PlayChange:
        """Keep words that somebody would rather say. Raises NotFound, and BadStep for what may not be kept."""
        self._known(play_id)
        words, reason = words.strip()[:LONGEST_WORDS], " ".join(reason.split())[:300]
        if not words:
            raise BadStep("Write the words that the play should say.")
        for text in (words, reason):
            if mask(text, redactor=self.redactor, is_public=False).handling.leaves_the_open:
                raise BadStep("This holds sensitive data. Take it out: a play is said to everybody.")
        now = self.clock()
        id = new_id("chg", now=now)
        change = PlayChange(id, play_id, ChangeState.PROPOSED, by, now, words, reason=reason, case_id=case_id)
        with self.store() as work:
            if work.play_changes.proposed().get(play_id, 0) >= MOST_PROPOSED:
                raise BadStep(
                    f"{MOST_PROPOSED} proposals wait for this play already. Ask a supervisor to look at them."
                )
            work.play_changes.add(change)
            work.note("play.proposed", play_id, by=by, facts={"change": change.id}, case_id=case_id)
        return change

    def decline(self, change_id: str, *, by: str) -> None:
        """Drop a proposal; it stays in the trail that there was one."""
        with self.store() as work:
            change = work.play_changes.get(change_id)
            if change.state is not ChangeState.PROPOSED:
                raise Conflict("This is no proposal that waits.", state=change.state)
            work.play_changes.drop(change_id)
            work.note("play.declined", change.play_id, by=by, facts={"change": change_id})

    def preview(self, play_id: str, text: str) -> PlayPreview:
        """What an edit would give, and what is wrong with it. Raises NotFound and BadStep."""
        return self.editor.preview(play_id, _limited(text), tone=self.tone)

    def change(self, play_id: str, text: str, *, digest: str, by: str, reason: str, takes: str = "") -> PlayChange:
        """Write an edit into the play's file; drafts use it from then on. takes: the proposal that it fulfils.

        digest: of the file that the person read. Raises BadPlaybook when the edit is not sound, Conflict when somebody
        else edited it meanwhile, NotFound and BadStep.
        """
        editor, text = self.editor, _limited(text)
        source = editor.source(play_id)
        if problems := editor.preview(play_id, text, tone=None).problems:
            raise BadPlaybook(problems)
        now = self.clock()
        change = PlayChange(
            new_id("chg", now=now), play_id, ChangeState.MADE, by, now, text,
            before=source.text if source.is_own else "", reason=" ".join(reason.split())[:300],
        )  # fmt: skip
        if source.digest != digest:
            raise Conflict("Somebody edited this play meanwhile. What it says now stands beside yours.")
        if source.text == text:
            raise BadStep("Nothing is changed.")
        with self.store() as work:
            work.play_changes.add(change)
            if takes:
                work.play_changes.drop(takes)
            work.note("play.edited", play_id, by=by, facts={"change": change.id})
            # Last: a file that could not be written leaves no trace of an edit.
            editor.write(play_id, text, digest=digest)
        return change

    def undo(self, change_id: str, *, by: str) -> PlayChange:
        """Write a play as it was before an edit. Raises Conflict when it was edited since, NotFound and BadStep."""
        editor = self.editor
        with self.store() as work:
            change = work.play_changes.get(change_id)
            source = editor.source(change.play_id)
            if change.state is not ChangeState.MADE or source.text != change.after:
                raise Conflict("It was edited since, and stays as it is.", state=change.state)
            if not work.play_changes.undo(change_id, by=by, at=self.clock()):
                raise Conflict("It is undone already.", state=ChangeState.UNDONE)
            work.note("play.restored", change.play_id, by=by, facts={"change": change_id})
            if change.before:
                editor.write(change.play_id, change.before, digest=source.digest)
            else:
                editor.remove(change.play_id, digest=source.digest)
        return change

    def source(self, play_id: str) -> PlaySource:
        """The file of a play as it is now. Raises NotFound and BadStep."""
        return self.editor.source(play_id)

    def _known(self, play_id: str) -> None:
        if all(play.id != play_id for play in self.playbook.plays):
            raise NotFound("play", play_id[:64])


def _limited(text: str) -> str:
    """As it is kept: lines end as files have them."""
    text = text.replace("\r\n", "\n").strip() + "\n"
    if len(text) > LONGEST_FILE:
        raise BadStep(f"A play has at most {LONGEST_FILE} characters.")
    return text
