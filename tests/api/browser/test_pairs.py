"""A private answer with a word in public, in a real browser: two boxes, by keyboard alone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from care.message import Visibility
from tests.api.conftest import House
from tests.api.doubles import POINTER, POINTING

pytestmark = pytest.mark.browser
AXE = Path(__file__).parent / "vendor" / "axe.min.js"


@pytest.fixture
def pointing(served: House) -> House:
    served.journey.playbook.channels = POINTING  # type: ignore[misc]
    return served


def replies_of(house: House, message_id: str):  # type: ignore[no-untyped-def]
    with house.store() as work:
        return work.replies.of_message(message_id)


def test_both_are_written_and_sent_by_keyboard_alone(page: Page, pointing: House) -> None:
    message_id = pointing.say("where is my order AB-10442")
    page.goto(f"/cases/{message_id}")
    expect(page.locator("#pointer")).to_be_hidden()
    expect(page.locator("#send")).to_contain_text("Send PUBLIC reply as @tactful_care")

    page.keyboard.press("b")
    expect(page.locator("#also")).to_be_checked()
    expect(page.locator("#pointer")).to_be_visible()
    expect(page.locator("#send")).to_contain_text("Send in private, and say so in PUBLIC")
    expect(page.locator("#text")).to_have_value("Hi Ana, I am sorry about this. I have opened your account and am "
                                                "looking into it right now. Here, where only we read: AB-10442 is "
                                                "with our team.")  # fmt: skip
    page.keyboard.press("e")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type(" Thank you!")
    page.keyboard.press("Tab")
    expect(page.locator("#pointer")).to_be_focused()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Have a look.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".is-reply")).to_have_count(2)

    answer, pointer = replies_of(pointing, message_id)
    assert answer.said.text.endswith("with our team. Thank you!")
    assert (answer.address.visibility, pointer.address.visibility) == (Visibility.PRIVATE, Visibility.PUBLIC)
    assert pointer.said.text == f"{POINTER} Have a look."
    page.keyboard.press("Control+z")
    expect(page.locator(".is-reply")).to_have_count(0)
    expect(page.locator("#pointer")).to_have_value(f"{POINTER} Have a look.")
    assert [reply.sending.stage for reply in replies_of(pointing, message_id)] == ["withdrawn", "withdrawn"]


def test_one_box_again_gives_the_public_words_back_and_keeps_what_was_typed(page: Page, pointing: House) -> None:
    message_id = pointing.say("where is my order AB-10442")
    other = pointing.say("where is my parcel")
    page.goto(f"/cases/{message_id}")
    page.keyboard.press("b")
    page.keyboard.press("b")
    expect(page.locator("#text")).to_have_value("Hi Ana, I am sorry about this. I have opened your account and am "
                                                "looking into it right now. Your order AB-10442 is with our team; "
                                                "you will hear from me today.")  # fmt: skip

    page.keyboard.press("b")
    page.locator("#pointer").fill("We have written to you.")
    expect(page.locator("#saved")).to_have_text("Kept")
    page.goto(f"/cases/{other}")
    page.goto(f"/cases/{message_id}")

    expect(page.locator("#also")).to_be_checked()
    expect(page.locator("#pointer")).to_have_value("We have written to you.")


def test_each_box_counts_as_it_goes_out_signed_and_stops_by_itself(page: Page, pointing: House) -> None:
    page.goto("/settings")
    page.fill("[name=signs_as]", "AB")
    page.press("[name=signs_as]", "Enter")
    page.wait_for_load_state()
    page.goto(f"/cases/{pointing.say('where is my order AB-10442')}")
    page.keyboard.press("b")

    expect(page.locator("#tone-pointer .signed")).to_contain_text("Goes out signed ^AB")
    expect(page.locator("#counter-pointer")).to_have_text(f"{len(POINTER) + 4} / 280")
    page.locator("#pointer").fill("x" * 277)
    expect(page.locator("#counter-pointer")).to_have_text("281 / 280")
    expect(page.locator("#why-send")).to_have_text("1 characters too long in public.")
    page.locator("#pointer").fill("Done, see your messages. ^AB")
    expect(page.locator("#tone-pointer .signed")).to_have_count(0)
    expect(page.locator("#counter-pointer")).to_have_text("28 / 280")
    expect(page.locator("#why-send")).to_have_text("")
    page.locator("#pointer").fill("How stupid of us.")
    expect(page.locator("#why-send")).to_have_text("The check above stops this text.")
    expect(page.locator("#counter")).to_contain_text("/ 1000")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_two_boxes_are_for_everybody(page: Page, pointing: House, width: int) -> None:
    message_id = pointing.say("where is my order AB-10442")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/cases/{message_id}")
    page.locator("#also").check()
    expect(page.locator("#pointer")).to_be_visible()

    page.evaluate(AXE.read_text("utf-8") + "; null")
    report = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")

    assert [violation["id"] for violation in report["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
