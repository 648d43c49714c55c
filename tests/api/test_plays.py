"""The play library: what people and programs read of it, and that a message tried on it is kept nowhere."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from care.errors import BadPlaybook, Problem
from care.plays import PlayEntry, PlayFile, Wording
from care.reply import Approval
from playbook.live import LivePlaybook
from tests.api.conftest import House, sign_in
from tests.playbook.builders import the_playbook

pytestmark = pytest.mark.issue(16)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def library(house: House) -> list[PlayEntry]:
    """The plays of the real playbook, in the house's own."""
    plays = tuple(the_playbook().plays)
    house.journey.playbook.plays = plays  # type: ignore[attr-defined]
    return list(plays)


def test_each_play_says_where_it_stands_and_in_which_words() -> None:
    playbook = the_playbook()
    assert isinstance(playbook, LivePlaybook)

    for play in playbook.plays:
        assert play.wordings
        assert all(wording.text.strip() for wording in play.wordings)
        # A play that comes from the base says so: base:plays/order-status.md.
        name = Path(play.source.file).name
        assert [*(ROOT / "fixtures").rglob(name), *(ROOT / "playbook").rglob(name)], play.source.file
    assert len({play.id for play in playbook.plays}) == len(playbook.plays) > 20


def test_an_edit_that_cannot_be_used_is_named_on_every_page_of_leads(anyone: TestClient, house: House) -> None:
    wrong = [Problem("plays/late.md:7", "names no slot {{ promis }}"), Problem("plays/late.md:9", "has no words")]
    house.journey.playbook.problem = BadPlaybook(wrong)  # type: ignore[misc]

    sign_in(anyone, "supervisor")
    for path in ("/", "/settings", "/plays"):
        assert "plays/late.md:7: names no slot" in anyone.get(path).text, path
    sign_in(anyone, "agent")
    assert "cannot be used" not in anyone.get("/").text


def test_a_play_is_found_by_words_of_its_texts_whatever_the_case() -> None:
    play = PlayEntry(
        "order-status@3f2a91c0", "Where is it", PlayFile("plays/a.md", "Ops"), "answer", "warm", ("order_status",),
        wordings=(Wording("any", "Hi, your parcel {{ x }}"),),
    )  # fmt: skip

    assert play.has("PARCEL order_status")
    assert play.has("")
    assert not play.has("parcel refund")


def test_the_library_is_read_searched_and_opened(anyone: TestClient, house: House, library: list[PlayEntry]) -> None:
    sign_in(anyone)
    play = library[0]

    listed = anyone.get("/plays").text
    assert f"{len(library)} plays" in listed
    assert all(f'href="/plays/{known.id}"' in listed for known in library)
    found = anyone.get("/plays", params={"q": play.title}).text
    assert f'href="/plays/{play.id}"' in found
    assert "No play has all these words." in anyone.get("/plays?q=xyzzyx").text
    page = anyone.get(f"/plays/{play.id}").text
    assert (play.source.file in page, play.reference in page) == (True, True)
    assert anyone.get("/plays/none-such").status_code == 404


def test_what_people_made_of_a_plays_drafts_stands_beside_it(anyone: TestClient, house: House) -> None:
    sign_in(anyone)
    for n in range(3):
        suggestion = house.suggestion(house.say(f"where is my order AB-1044{n}"))
        draft, version = suggestion.drafts[0], suggestion.choice.version
        text = draft.text if n else draft.text.replace("Hi", "Hello")
        house.journey.approve(suggestion.id, Approval(house.people["agent"].id, text, version))
    play = PlayEntry(draft.play, draft.title, PlayFile("plays/a.md"), "answer", "warm")
    house.journey.playbook.plays = (play,)  # type: ignore[attr-defined]
    house.journey.playbook.agreed = the_playbook()  # type: ignore[attr-defined]

    row = anyone.get("/plays").text.partition(f'href="/plays/{play.id}"')[2].partition("</tr>")[0]

    assert re.findall(r"<td>([^<]*)</td>", row) == ["3", "2 (67%)", "1 (33%)", "0"]


def test_a_message_is_tried_masked_and_kept_nowhere(anyone: TestClient, house: House, library: list[PlayEntry]) -> None:
    csrf = sign_in(anyone)
    with house.store() as work:
        before = (work.messages.page(), work.trail.last())

    page = anyone.post(
        "/plays/try",
        data={"csrf": csrf, "channel": "x", "text": "where is my order AB-10442, card 4111 1111 1111 1111"},
    )

    assert page.status_code == 200
    assert "What would become of it" in page.text
    assert "4111 1111" not in page.text
    with house.store() as work:
        assert (work.messages.page(), work.trail.last()) == before
    ordinary = anyone.post("/plays/try", data={"csrf": csrf, "channel": "x", "text": "where is my order AB-10442"}).text
    assert re.search(r'<article class="bubble"><h3>.*?</h3><p dir="auto">Hi ', ordinary)


@pytest.mark.parametrize("sent", [{"text": ""}, {"text": "hello", "channel": "pigeon"}, {}])
def test_a_try_of_nothing_or_on_no_channel_says_so(anyone: TestClient, house: House, sent: dict[str, str]) -> None:
    csrf = sign_in(anyone)

    assert anyone.post("/plays/try", data={"csrf": csrf, "channel": "x", "text": "", **sent}).status_code == 422


def test_programs_read_the_plays_too(anyone: TestClient, house: House, library: list[PlayEntry]) -> None:
    key = {"Authorization": f"Bearer {house.keys['read']}"}

    listed = anyone.get("/v1/playbook/plays", headers=key).json()["data"]

    assert [play["id"] for play in listed] == [play.id for play in library]
    assert anyone.get("/v1/playbook/plays?search=xyzzyx", headers=key).json()["data"] == []
    assert anyone.get("/v1/playbook/plays").status_code == 401
