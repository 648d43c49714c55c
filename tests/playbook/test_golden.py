"""The gate on decisions and plays: the golden messages, with the labels that people gave them."""

from model.sensitive import SensitiveFinder
from tests.playbook.builders import MONDAY, drafter, the_book
from tests.playbook.golden import as_labelled, golden, macro_f1


def test_the_golden_messages_are_decided_and_drafted_as_people_would() -> None:
    desk, items = drafter(), golden(SensitiveFinder().redact, at=MONDAY)
    n_first = n_among = 0
    actions = []
    for item in items:
        proposal = desk.propose(item.message, as_labelled(item), now=MONDAY)
        actions.append((item.action, str(proposal.decision.action)))
        drafted = [draft.play.partition("@")[0] for draft in proposal.drafts]
        n_first += drafted[0] in item.plays if drafted else not item.plays
        n_among += bool(set(drafted) & set(item.plays)) or not (drafted or item.plays)

    assert macro_f1(actions)[0] >= 0.85
    assert n_first / len(items) >= 0.85
    assert n_among / len(items) >= 0.97


def test_every_play_that_a_golden_message_names_is_there() -> None:
    named = {play for item in golden(SensitiveFinder().redact, at=MONDAY) for play in item.plays}

    assert named <= {play.id for play in the_book().plays}
