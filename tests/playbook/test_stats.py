"""What edits teach: counted by kind, flagged when people keep saying the same."""

import pytest

from care.learning import DraftOutcome
from playbook.stats import Edit, count, flags, kinds_of, suspended

DRAFT = "Hi Ana, I'm sorry it is late. It reaches you on Monday. Please send us your order number."


def sent(text: str, *, play: str = "late@11111111", draft: str = DRAFT) -> DraftOutcome:
    return DraftOutcome(play, draft, text, is_sent=True)


REJECTED = DraftOutcome("late@11111111", DRAFT, "", is_sent=False)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (DRAFT, set()),
        (DRAFT.replace("Monday", "Tuesday"), {Edit.FACT}),
        (DRAFT.replace("Hi Ana,", "Dear Ana,"), {Edit.PERSONAL}),
        (DRAFT.replace("I'm sorry", "We apologise that"), {Edit.TONE}),
        (DRAFT.replace(". ", ".\n\n"), {Edit.LAYOUT}),
        (DRAFT.replace("late.", "late!"), {Edit.LAYOUT}),
        (DRAFT.replace("Please send us", "Just pop over"), {Edit.TONE}),
        (DRAFT.replace("Monday", "Tuesday").replace("Hi Ana", "Hello Ana"), {Edit.FACT, Edit.PERSONAL}),
    ],
)
def test_an_edit_has_a_kind(text: str, kinds: set[Edit]) -> None:
    assert kinds_of(DRAFT, text) == kinds


def test_filling_an_open_slot_is_no_edit() -> None:
    draft = "Here is where LF-1 stands: [[status]]."

    assert kinds_of(draft, "Here is where LF-1 stands: it left Leipzig this morning.") == frozenset()


def test_counts_say_what_became_of_each_play() -> None:
    rows = [sent(DRAFT), sent(DRAFT.replace("Monday", "Tuesday")), REJECTED, sent("x", play="hello@2", draft="x")]

    late, hello = count(rows)

    assert (late.play_id, late.n_shown, late.n_accepted, late.n_edited, late.n_rejected) == ("late", 3, 1, 1, 1)
    assert late.edits == ((Edit.FACT, 1),)
    assert hello.n_accepted == 1
    assert hello.share_kept == 1.0


def test_ten_rejections_in_a_row_suspend_a_play_and_nine_do_not() -> None:
    assert suspended([REJECTED] * 9) == frozenset()
    assert suspended([REJECTED] * 10) == {"late@11111111"}
    assert suspended([*[REJECTED] * 9, sent(DRAFT), REJECTED]) == frozenset()


def test_five_equal_rewrites_propose_the_change() -> None:
    rewritten = sent(DRAFT.replace("Monday", "Tuesday"))

    assert flags([rewritten] * 4) == []
    assert [flag.change for flag in flags([rewritten] * 5)] == [("Monday", "Tuesday")]


def test_plain_accepts_raise_nothing_and_a_mended_play_starts_anew() -> None:
    mended = sent(DRAFT, play="late@22222222")

    assert flags([sent(DRAFT)] * 50) == []
    assert flags([*[REJECTED] * 20, mended]) == []
