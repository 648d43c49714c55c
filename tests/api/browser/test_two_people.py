"""Two people at one desk, and what one of them wrote when something goes wrong."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from care.reply import ReplyStage
from tests.api.browser.conftest import PATIENCE_MS
from tests.api.conftest import PASSWORD, House

pytestmark = pytest.mark.browser

SignIn = Callable[[str], Page]


@pytest.fixture
def sign_in(browser: Browser, served: House) -> Iterator[SignIn]:
    """Opens a browser of its own for each person."""
    contexts = []

    def enter(role: str) -> Page:
        context = browser.new_context(base_url=served.parts.public_url, viewport={"width": 1440, "height": 900})
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto("/login")
        page.fill("[name=email]", f"{role}@example.com")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_selector("#list")
        return page

    yield enter
    for context in contexts:
        context.close()


def test_who_writes_holds_the_case_and_gives_it_to_whoever_asks(sign_in: SignIn, served: House) -> None:
    case_id = served.case(served.say("where is my order AB-10442"))
    anna, ben = sign_in("agent"), sign_in("supervisor")
    anna.goto(f"/cases/{case_id}")
    ben.goto(f"/cases/{case_id}")
    expect(anna.locator("#presence")).to_contain_text("Some supervisor is looking")

    anna.keyboard.press("e")
    anna.keyboard.type(" Mine.")

    expect(ben.locator("#presence")).to_contain_text("Some agent holds this case")
    expect(ben.locator("#presence")).to_contain_text("Some agent is writing")
    expect(ben.locator("#text")).not_to_be_editable()
    expect(ben.locator(".row .is-held")).to_contain_text("SA")
    ben.click("[data-act-key=ask]")
    expect(anna.locator("#presence")).to_contain_text("Some supervisor asks to take this case over")
    anna.get_by_role("button", name="Let them have it").click()

    expect(ben.locator("#text")).to_be_editable()
    ben.click("#text")
    expect(anna.locator("#text")).not_to_be_editable()
    expect(anna.locator("#text")).to_have_value(re.compile(r" Mine\.$"))
    ben.keyboard.press("Control+Enter")
    expect(ben.locator(".undo-line")).to_be_visible()
    expect(anna.locator(".undo-line")).to_be_visible()
    expect(anna.locator("#presence")).not_to_contain_text("holds this case")
    with served.store() as work:
        assert len(work.replies.of_case(case_id)) == 1


def test_an_assignment_is_seen_by_others_at_once(sign_in: SignIn, served: House) -> None:
    case_id = served.case(served.say("where is my order AB-10442"))
    anna, ben = sign_in("agent"), sign_in("supervisor")
    anna.goto(f"/cases/{case_id}")
    ben.goto(f"/cases/{case_id}")
    expect(anna.locator("#presence")).to_contain_text("Some supervisor is looking")

    anna.keyboard.press("a")

    expect(ben.locator("[data-act-key=assign]")).to_have_text("Take over from Some agent")


def test_a_killed_browser_loses_nothing_that_was_kept(sign_in: SignIn, served: House) -> None:
    case_id = served.case(served.say("where is my order AB-10442"))
    anna = sign_in("agent")
    anna.goto(f"/cases/{case_id}")
    anna.fill("#text", "Half a thought about card 4111 1111 1111 1111")
    expect(anna.locator("#saved")).to_have_text("Kept")
    assert anna.evaluate("[sessionStorage.length, localStorage.length]") == [0, 0]
    anna.context.close()

    again = sign_in("agent")
    again.goto(f"/cases/{case_id}")

    expect(again.locator("#text")).to_have_value("Half a thought about card [payment card 1111]")


def test_own_words_survive_the_other_drafts(sign_in: SignIn, served: House) -> None:
    message_id = served.say("where is my order AB-10442")
    drafts = served.suggestion(message_id).drafts
    anna = sign_in("agent")
    anna.goto(f"/cases/{served.case(message_id)}")
    anna.fill("#text", "My own words.")

    anna.click("[data-draft='1']")
    expect(anna.locator("#text")).to_have_value(drafts[1].text)
    anna.click("[data-draft='0']")
    expect(anna.locator("#text")).to_have_value("My own words.")
    anna.click("[data-draft='2']")
    expect(anna.locator("#text")).to_have_value(drafts[2].text)
    anna.click("[data-words]")

    expect(anna.locator("#text")).to_have_value("My own words.")


def test_what_goes_out_can_be_taken_back_from_every_page_and_no_network_says_so(sign_in: SignIn, served: House) -> None:
    served.say("where is my parcel")
    message_id = served.say("where is my order AB-10442")
    served.journey = replace(served.journey, undo_s={"*": 60.0})
    anna = sign_in("agent")
    anna.goto(f"/cases/{served.case(message_id)}")
    anna.keyboard.press("Control+Shift+Enter")
    expect(anna.locator("#mine form.is-going")).to_be_visible()
    anna.keyboard.press("k")
    expect(anna.locator("#mine form.is-going")).to_be_visible()

    anna.context.set_offline(True)
    anna.keyboard.press("Control+z")
    expect(anna.locator("#strip")).to_contain_text("no network")
    anna.context.set_offline(False)
    expect(anna.locator("#strip")).not_to_be_visible()
    anna.goto("/settings")
    anna.keyboard.press("Control+z")

    expect(anna.locator("#text")).to_have_value(served.suggestion(message_id).drafts[0].text)
    with served.store() as work:
        assert [reply.sending.stage for reply in work.replies.of_message(message_id)] == [ReplyStage.WITHDRAWN]


def test_a_failed_send_is_seen_at_once(sign_in: SignIn, served: House) -> None:
    message_id = served.say("where is my order AB-10442")
    anna = sign_in("agent")
    anna.goto(f"/cases/{served.case(message_id)}")
    anna.keyboard.press("Control+Enter")
    expect(anna.locator(".undo-line")).to_be_visible()

    with served.store() as work:
        [reply] = work.replies.of_message(message_id)
        work.replies.save(reply.with_sending(stage=ReplyStage.FAILED, problem="Refused."), was=ReplyStage.PENDING)
        work.note("reply.failed", reply.id, by="tactful", case_id=reply.case_id)

    expect(anna.locator(".alert.is-stuck")).to_contain_text("Refused.")


def test_text_of_an_ended_session_stays_and_is_kept_after_signing_in_again(sign_in: SignIn, served: House) -> None:
    case_id = served.case(served.say("where is my order AB-10442"))
    anna = sign_in("agent")
    anna.goto(f"/cases/{case_id}")
    anna.fill("#text", "Written before the end.")
    with served.store() as work:
        work.access.end_sessions(person_id=served.people["agent"].id)

    anna.fill("#text", "Written after the end.")
    expect(anna.locator("#strip")).to_contain_text("You are signed out")
    with anna.context.expect_page() as opened:
        anna.click("#strip a")
    there = opened.value
    there.fill("[name=email]", "agent@example.com")
    there.fill("[name=password]", PASSWORD)
    there.press("[name=password]", "Enter")
    there.wait_for_selector("#list")
    there.close()
    anna.evaluate("dispatchEvent(new Event('focus'))")

    expect(anna.locator("#strip")).not_to_be_visible()
    expect(anna.locator("#saved")).to_have_text("Kept")
    with served.store() as work:
        assert [kept_draft.text for kept_draft in work.unsent.of(served.people["agent"].id, case_id)] == [
            "Written after the end."
        ]


class Keys:
    """Presses keys and counts them; a chord is one."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.n = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.n += 1


def test_a_list_is_cleared_with_few_keys(sign_in: SignIn, served: House) -> None:
    for n in range(6):
        served.say(f"where is my order AB-1044{n}")
    anna = sign_in("agent")
    anna.goto("/")
    rows = anna.locator("[data-row]").evaluate_all("rows => rows.map(row => row.dataset.row)")
    keys = Keys(anna)
    counts = []
    for at in range(3):
        expect(anna.locator("#case")).to_have_attribute("data-id", rows[at])
        before = keys.n
        keys.press("Control+Shift+Enter")
        counts.append(keys.n - before)
    expect(anna.locator("#case")).to_have_attribute("data-id", rows[3])
    assert max(counts) <= 2

    before = keys.n
    keys.press("x", "1")
    expect(anna.locator(".draft.is-out")).to_have_count(1)
    assert keys.n - before <= 2

    before = keys.n
    keys.press("l", "ArrowDown", "Enter")
    expect(anna.locator(".labels")).to_contain_text("a person chose")
    assert keys.n - before <= 4
