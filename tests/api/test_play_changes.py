"""Plays are changed in the console: words proposed out of a reply, edited by a lead, with history and undo."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from care.play_changes import ChangeState
from care.reply import Approval
from playbook.editing import PlayFiles
from playbook.live import LivePlaybook
from tests.api.conftest import House, sign_in
from tests.playbook.builders import in_one_piece

pytestmark = pytest.mark.issue(16)
PLAY = "order-status-answer"


@pytest.fixture
def files(house: House, tmp_path: Path) -> PlayFiles:
    """A real folder of plays behind the house's playbook."""
    live = LivePlaybook.open(in_one_piece(tmp_path / "playbook"))
    assert live.editor is not None
    house.journey.playbook.editor = live.editor  # type: ignore[misc]
    house.journey.playbook.plays = tuple(live.plays)  # type: ignore[misc]
    return live.editor


def reply_id(house: House) -> str:
    """A reply that says something else than its draft."""
    suggestion = house.suggestion(house.say("where is my order AB-10442"))
    said = Approval(house.people["agent"].id, "It leaves tomorrow. I will write again then.", suggestion.choice.version)
    return house.journey.approve(suggestion.id, said).id


def test_words_of_a_reply_are_proposed_and_become_an_edit_that_can_be_undone(
    house: House, anyone: TestClient, files: PlayFiles
) -> None:
    csrf, before = sign_in(anyone), files.source(PLAY)
    reply = reply_id(house)
    assert "It leaves tomorrow." in anyone.get(f"/plays/{PLAY}/propose", params={"reply": reply}).text
    form = {"csrf": csrf, "reply": reply, "words": "Thanks for asking.", "reason": "sounds warmer"}
    assert anyone.post(f"/plays/{PLAY}/propose", data=form).headers["location"] == f"/plays/{PLAY}#changes"
    assert anyone.get(f"/plays/{PLAY}/edit").status_code == 403
    with house.store() as work:
        [proposal] = work.play_changes.of_play(PLAY)
        assert (work.play_changes.proposed(), proposal.case_id) == ({PLAY: 1}, work.replies.get(reply).case_id)

    csrf = sign_in(anyone, "supervisor")
    page = anyone.get(f"/plays/{PLAY}").text
    assert "Thanks for asking." in page
    assert "sounds warmer" in page
    assert "Thanks for asking." in anyone.get(f"/plays/{PLAY}/edit", params={"takes": proposal.id}).text
    edit = {"csrf": csrf, "digest": before.digest, "takes": proposal.id, "text": before.text + "\nThanks for asking.\n"}
    previewed = anyone.post(f"/plays/{PLAY}/edit", data={**edit, "then": "preview"}).text
    assert "As it would be" in previewed
    assert files.source(PLAY) == before
    assert anyone.post(f"/plays/{PLAY}/edit", data={**edit, "then": "save"}).status_code == 303
    assert "Thanks for asking." in files.source(PLAY).text
    late = anyone.post(f"/plays/{PLAY}/edit", data={**edit, "then": "save"})
    assert (late.status_code, "meanwhile" in late.text) == (422, True)

    with house.store() as work:
        [change] = work.play_changes.of_play(PLAY)
    assert (change.state, change.before, change.case_id) == (ChangeState.MADE, before.text, None)
    undo = f"/plays/changes/{change.id}/undo"
    assert anyone.post(undo, data={"csrf": csrf}).headers["location"] == f"/plays/{PLAY}#changes"
    assert files.source(PLAY) == before
    assert anyone.post(undo, data={"csrf": csrf}).status_code == 409
    assert "undone by" in anyone.get(f"/plays/{PLAY}").text


def test_what_cannot_be_used_or_kept_is_refused_with_its_reason(
    house: House, anyone: TestClient, files: PlayFiles
) -> None:
    csrf, before = sign_in(anyone, "supervisor"), files.source(PLAY)
    secret = {"csrf": csrf, "words": "My card is 4111 1111 1111 1111"}

    refused = anyone.post(f"/plays/{PLAY}/propose", data=secret)
    assert (refused.status_code, "sensitive data" in refused.text) == (422, True)
    broken = {"csrf": csrf, "digest": before.digest, "text": before.text.replace("{{", "{% no"), "then": "save"}
    answer = anyone.post(f"/plays/{PLAY}/edit", data=broken)
    assert (answer.status_code, f"plays/{PLAY}.md:" in answer.text) == (422, True)
    assert files.source(PLAY) == before
    proposal = house.parts.play_desk.propose(PLAY, "Other words.", by="x", reason="")
    assert anyone.post(f"/plays/changes/{proposal.id}/decline", data={"csrf": csrf}).status_code == 303
    with house.store() as work:
        assert work.play_changes.of_play(PLAY) == []
        assert {"play.proposed", "play.declined"} <= {event.event for event in work.trail.events(after=0)}
