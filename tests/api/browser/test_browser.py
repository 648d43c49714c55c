"""What only a real browser can show: keys, live updates, the policy at work, and that everybody can use it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from care.access import Role
from care.reply import ReplyStage
from care.surge import Surge, SurgeKind
from tests.api.conftest import House
from tests.playbook.builders import the_playbook
from tests.workload import arrived, weekly

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent

PAYLOADS = [
    line for line in (HERE / "payloads.txt").read_text("utf-8").splitlines() if line and not line.startswith("# ")
]


def reply_of(house: House, message_id: str):  # type: ignore[no-untyped-def]
    with house.store() as work:
        return work.cases.file(message_id).reply


def suggestion_of(house: House, case_id: str):  # type: ignore[no-untyped-def]
    with house.store() as work:
        return work.cases.latest(case_id).suggestion


def test_a_reply_goes_out_with_the_keyboard_alone(page: Page, served: House) -> None:
    message_id = served.say("where is my order, please")
    other = served.say("where is my parcel")
    page.goto("/?view=now_due")

    page.keyboard.press("j")
    page.wait_for_url(f"**/cases/{served.case(other)}?**")
    page.keyboard.press("k")
    page.wait_for_url(f"**/cases/{served.case(message_id)}?**")
    page.keyboard.press("e")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Control+Enter")
    assert reply_of(served, message_id) is None
    expect(page.locator("#why-send")).to_have_text("Fill in order number first.")
    page.keyboard.press("Tab")
    page.keyboard.type("AB-10442")
    expect(page.locator("#why-send")).to_have_text("")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".undo-line")).to_be_visible()

    reply = reply_of(served, message_id)
    assert "AB-10442" in reply.said.text
    assert reply.sending.stage is ReplyStage.PENDING


def test_undo_works_from_the_keyboard_and_returns_the_text(page: Page, served: House) -> None:
    message_id = served.say("where is my order AB-10442")
    page.goto(f"/cases/{message_id}")
    page.keyboard.press("e")
    page.keyboard.type(" Thank you!")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".undo-line")).to_be_visible()
    expect(page.locator("#case-title")).to_be_focused()

    page.keyboard.press("Control+z")

    expect(page.locator("#text")).to_have_value(served.suggestion(message_id).drafts[0].text + " Thank you!")
    assert served.suggestion(message_id).choice.state == "proposed"
    expect(page.locator("#said")).to_contain_text("Taken back")
    expect(page.locator("#tone .verdict")).to_be_visible()


def test_undo_says_so_after_going_on_to_the_next_one_too(page: Page, served: House) -> None:
    served.say("where is my parcel")
    message_id = served.say("where is my order AB-10442")
    page.goto(f"/cases/{message_id}")
    page.keyboard.press("e")
    page.keyboard.type(" Thank you!")
    page.keyboard.press("Control+Shift+Enter")
    expect(page.locator("form.undo")).to_be_visible()
    expect(page.locator("#case-title")).to_be_focused()

    page.keyboard.press("Control+z")

    expect(page.locator("#text")).to_have_value(served.suggestion(message_id).drafts[0].text + " Thank you!")
    expect(page.locator("#said")).to_contain_text("Taken back")


def test_a_text_that_was_taken_back_survives_a_look_elsewhere(page: Page, served: House) -> None:
    first, second = (served.case(served.say(text)) for text in ("where is my order AB-10442", "where is my parcel"))
    page.goto(f"/cases/{first}")
    page.keyboard.press("e")
    page.keyboard.type(" Thank you!")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".undo-line")).to_be_visible()
    expect(page.locator("#case-title")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(page.locator("#said")).to_contain_text("Taken back")

    page.click(f"[data-row][href*='{second}']")
    page.wait_for_url(f"**/cases/{second}?**")
    page.click(f"[data-row][href*='{first}']")

    expect(page.locator("#text")).to_have_value(suggestion_of(served, first).drafts[0].text + " Thank you!")


def test_rejecting_takes_two_keys_and_shows_the_next_draft(page: Page, served: House) -> None:
    """Also for a hand that is quicker than a busy machine: timers without a delay come late here."""
    page.add_init_script(
        "const wait = setTimeout; window.setTimeout = (go, ms, ...more) => wait(go, ms || 400, ...more)"
    )
    message_id = served.say("where is my order AB-10442")
    page.goto(f"/cases/{message_id}")
    page.evaluate("window.isThisPage = true")

    for n in (1, 2):
        page.keyboard.press("x")
        page.keyboard.press("2")
        expect(page.locator("#text")).to_have_value(served.suggestion(message_id).drafts[n].text)
        expect(page.locator("#case-title")).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("2")

    expect(page.locator(".note")).to_contain_text("Rejected by Some agent (wrong tone)")
    assert served.suggestion(message_id).choice.reject_reason == "wrong_tone"
    assert page.evaluate("window.isThisPage")


def test_a_half_written_note_and_an_open_menu_survive_what_colleagues_do(page: Page, served: House) -> None:
    case_id = served.case(served.say("where is my order AB-10442"))
    page.goto(f"/cases/{case_id}")
    page.fill("#notes textarea", "Half a note")
    page.locator("#case-title").focus()
    page.keyboard.press("x")
    expect(page.locator("[data-reason='1']")).to_be_focused()

    served.journey.casework.assign(case_id, by="x", to=served.people[Role.SUPERVISOR].id)

    expect(page.locator("[data-act-key=assign]")).to_have_text("Take over from Some supervisor")
    expect(page.locator("[data-reason='1']")).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator(".draft.is-out")).to_have_count(1)
    expect(page.locator("#reject")).not_to_have_attribute("open", "")
    expect(page.locator("#notes textarea")).to_have_value("Half a note")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator(".notes")).to_contain_text("Half a note")
    expect(page.locator("#notes textarea")).to_have_value("")


def test_single_keys_can_be_switched_off(page: Page, served: House) -> None:
    message_id = served.say("where is my order AB-10442")
    page.goto("/settings")
    page.check("input[name=keys][value=off]")
    page.click("form[action='/look'] button")
    page.goto(f"/cases/{message_id}")

    page.keyboard.press("x")
    page.keyboard.press("?")

    expect(page.locator("#reject")).not_to_have_attribute("open", "")
    expect(page.locator("#keys")).not_to_be_visible()


def test_every_key_in_the_list_has_a_way_with_the_mouse(page: Page, served: House) -> None:
    served.say("where is my order AB-10442")
    page.goto("/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")

    for name in ("Assign to me", "Resolve", "Reject", "No answer needed", "Send, next", "Keyboard shortcuts"):
        expect(page.get_by_role("button", name=name).or_(page.locator("summary", has_text=name)).first).to_be_visible()


def test_a_list_is_narrowed_and_then_searched_while_messages_come_in(page: Page, served: House) -> None:
    served.say("where is my order AB-10442")
    page.goto("/")
    page.keyboard.press("f")
    page.get_by_label("Assigned to").select_option("Nobody")
    served.say("where is my order AB-10443")
    expect(page.locator("[data-row]")).to_have_count(2)

    page.get_by_role("button", name="Show these").click()
    expect(page).to_have_url(re.compile(r"/\?view=now_due&assignee=nobody$"))
    page.keyboard.press("/")
    page.keyboard.type("AB-10443")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/\?view=now_due&assignee=nobody&q=AB-10443$"))
    expect(page.locator("[data-row]")).to_have_count(1)
    page.get_by_role("link", name="Assigned to: Nobody").click()
    expect(page).to_have_url(re.compile(r"/\?view=now_due&q=AB-10443$"))


def test_the_palette_does_what_is_typed_and_teaches_its_key(page: Page, served: House) -> None:
    case_id = served.case(served.say("where is my order AB-10442"))
    page.goto(f"/cases/{case_id}")
    page.locator("#text").focus()

    page.keyboard.press("Control+k")
    words = page.get_by_role("combobox", name="What do you want to do?")
    expect(words).to_be_focused()
    page.keyboard.type("assign")
    option = page.locator("#palette-list [role=option]:visible")
    expect(option).to_have_count(1)
    expect(option).to_have_text(re.compile(r"Assign to me, or give back\s*A$"))
    expect(words).to_have_attribute("aria-activedescendant", str(option.get_attribute("id")))
    page.keyboard.press("Escape")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("assign")
    page.keyboard.press("Enter")

    expect(page.locator("[data-act-key=assign]")).to_have_text("Give back")
    page.keyboard.press("Control+k")
    page.keyboard.type("nothing is called so")
    expect(page.get_by_text("Nothing here is called that.")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("go report")
    page.keyboard.press("Enter")
    page.wait_for_url("**/report")


def test_the_palette_offers_what_can_be_done_here_alone(page: Page, served: House) -> None:
    page.goto("/settings")

    page.keyboard.press("Control+k")

    expect(page.get_by_role("option", name="Inbox")).to_be_visible()
    for name in ("Resolve", "Send", "Audit trail"):
        expect(page.get_by_role("option", name=name)).to_have_count(0)
    page.keyboard.press("ArrowUp")
    expect(page.locator("[role=option][aria-selected=true]")).to_contain_text("Sign out")


def test_keys_go_to_pages_one_after_the_other(page: Page, served: House) -> None:
    page.goto("/settings")
    page.keyboard.press("g")
    page.keyboard.press("m")

    page.wait_for_url("**/?view=mine")


def test_cases_are_selected_with_keys_and_done_with_at_once(page: Page, served: House) -> None:
    cases = [served.case(served.say(f"where is my order AB-1044{n}")) for n in range(4)]
    page.goto("/?view=now_due")
    rows = page.locator("[data-row]").evaluate_all("rows => rows.map(row => row.dataset.row)")
    assert set(rows) == set(cases)

    page.keyboard.press("u")
    expect(page.locator(f"[data-row='{rows[0]}']")).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("#bulk")).to_contain_text("1 selected")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.locator("#bulk")).to_contain_text("3 selected")
    assert page.locator("#case").get_attribute("data-id") == rows[0]
    served.say("where is my parcel", name="Nadia Newcomer")
    expect(page.locator("[data-row]", has_text="Nadia Newcomer")).to_be_visible()
    expect(page.locator(".pick-row:checked")).to_have_count(3)
    page.keyboard.press("i")

    expect(page.locator("[data-row]")).to_have_count(2)
    expect(page.locator("#mine")).to_contain_text("No answer needed: 3 cases")
    expect(page.locator("#bulk")).not_to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.locator("[data-row]")).to_have_count(5)


def test_a_selection_is_given_up_with_escape_and_x_rejects_again(page: Page, served: House) -> None:
    served.say("where is my order AB-10442")
    page.goto("/?view=now_due")
    page.locator(".row").hover()
    page.check(".pick-row")
    expect(page.locator("#bulk")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.locator("#bulk")).not_to_be_visible()
    page.locator("#case-title").focus()
    page.keyboard.press("x")

    expect(page.locator("#reject")).to_have_attribute("open", "")


def test_the_send_button_says_public_and_the_account(page: Page, served: House) -> None:
    page.goto(f"/cases/{served.say('where is my order AB-10442')}")

    expect(page.get_by_role("button", name="Send PUBLIC reply as @tactful_care")).to_be_visible()


def test_a_new_message_appears_by_itself(page: Page, served: House) -> None:
    page.goto("/?view=now_due")
    page.wait_for_timeout(500)

    served.say("where is my parcel", name="Nadia Newcomer")

    expect(page.locator("[data-row]", has_text="Nadia Newcomer")).to_be_visible()


def test_a_new_message_appears_beside_the_words_one_is_writing(page: Page, served: House) -> None:
    first = served.say("where is my order AB-10442", thread="one")
    page.goto(f"/cases/{served.case(first)}")
    page.click("#text")
    page.keyboard.press("Control+Home")
    page.keyboard.type("mine ")

    served.say("wait, where is my parcel?", thread="one")

    expect(page.locator("#news")).to_be_visible()
    expect(page.locator(".is-now")).to_contain_text("wait, where is my parcel?")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("and more ")
    expect(page.locator("#text")).to_have_value(re.compile("^mine and more Hi Ana"))
    page.keyboard.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("Read what is new, then send")
    with served.store() as work:
        assert work.replies.of_case(served.case(first)) == []
    page.keyboard.press("Control+Enter")

    expect(page.locator(".undo-line")).to_be_visible()
    with served.store() as work:
        [reply] = work.replies.of_case(served.case(first))
    assert reply.said.text.startswith("mine and more ")


def test_a_case_nobody_types_in_follows_by_itself(page: Page, served: House) -> None:
    message_id = served.say("where is my order AB-10442")
    page.goto(f"/cases/{message_id}")
    page.wait_for_timeout(500)

    suggestion = served.suggestion(message_id)
    from care.reply import Rejection, RejectReason

    served.journey.answering.reject(
        suggestion.id, Rejection(by="x", version=suggestion.choice.version, reason=RejectReason.POLICY)
    )

    expect(page.locator(".note")).to_contain_text("Rejected")


def test_typed_text_survives_a_look_elsewhere(page: Page, served: House) -> None:
    first, second = (served.case(served.say(text)) for text in ("where is my order AB-10442", "where is my parcel"))
    page.goto(f"/cases/{first}")
    page.fill("#text", "half a thought")

    page.keyboard.press("Escape")
    page.click(f"[data-row][href*='{second}']")
    page.wait_for_url(f"**/cases/{second}?**")
    page.click(f"[data-row][href*='{first}']")

    expect(page.locator("#text")).to_have_value("half a thought")


def test_the_tone_is_checked_while_typing_and_fixed_with_one_click(page: Page, served: House) -> None:
    page.goto(f"/cases/{served.say('where is my order AB-10442')}")

    page.fill("#text", "Sorry 😀 lol, we look into it.")
    expect(page.locator("#tone .verdict")).to_have_text("Worth a second look")
    page.click("#tone [data-act=fix]")

    expect(page.locator("#text")).to_have_value("Sorry 😀 , we look into it.")
    expect(page.locator("#tone .verdict")).to_have_text("Ready to send")


def test_a_label_changes_with_the_drop_down_alone(page: Page, served: House) -> None:
    message_id = served.say("where is my order AB-10442")
    page.goto(f"/cases/{message_id}")

    page.select_option("#label-intent", "praise")

    expect(page.locator(".labels")).to_contain_text("a person chose praise")
    with served.store() as work:
        assert work.cases.file(message_id).corrections == (("intent", "praise"),)


def test_labels_passed_on_the_way_with_the_arrow_keys_are_not_kept(page: Page, served: House) -> None:
    message_id = served.say("where is my order AB-10442")
    page.goto(f"/cases/{message_id}")

    page.keyboard.press("l")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="Keep these labels")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_timeout(200)
    with served.store() as work:
        assert work.cases.file(message_id).corrections == ()

    page.keyboard.press("l")
    page.keyboard.press("ArrowDown")
    meant = page.input_value("#label-intent")
    page.keyboard.press("Enter")

    expect(page.locator(".labels")).to_contain_text("a person chose")
    with served.store() as work:
        assert work.cases.file(message_id).corrections == (("intent", meant),)


def test_a_case_is_snoozed_with_two_keys_and_the_next_one_opens(page: Page, served: House) -> None:
    first, second = (served.case(served.say(text)) for text in ("where is my order AB-10442", "where is my parcel"))
    page.goto(f"/cases/{first}")

    page.keyboard.press("z")
    expect(page.locator("[data-snooze='1']")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#snooze summary")).to_be_focused()
    page.keyboard.press("z")
    page.keyboard.press("1")

    page.wait_for_url(f"**/cases/{second}?**")
    expect(page.locator(f"[data-row='{first}']")).to_have_count(0)
    with served.store() as work:
        assert work.cases.get(first).standing.snoozed_until is not None
    expect(page.locator("#mine")).to_contain_text("Snoozed")
    page.keyboard.press("Control+z")
    expect(page.locator(f"[data-row='{first}']")).to_be_visible()


def test_send_next_goes_to_the_case_below(page: Page, served: House) -> None:
    for n in range(3):
        served.say(f"where is my order AB-1044{n}")
    page.goto("/?view=now_due")
    rows = page.locator("[data-row]").evaluate_all("rows => rows.map(row => row.dataset.row)")
    page.keyboard.press("j")
    page.wait_for_url(f"**/cases/{rows[1]}?**")
    page.keyboard.press("e")
    page.keyboard.press("Control+Shift+Enter")

    page.wait_for_url(f"**/cases/{rows[2]}?**")
    expect(page.locator("form.undo")).to_be_visible()


def test_escape_leads_to_ones_place_in_the_list(page: Page, served: House) -> None:
    for n in range(3):
        served.say(f"where is my order AB-1044{n}")
    page.goto("/?view=now_due")
    rows = page.locator("[data-row]").evaluate_all("rows => rows.map(row => row.dataset.row)")
    page.keyboard.press("j")
    page.wait_for_url(f"**/cases/{rows[1]}?**")
    expect(page.locator("#case-title")).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.locator(f"[data-row='{rows[1]}']")).to_be_focused()
    expect(page.locator("#case")).to_have_attribute("data-id", rows[1])

    page.set_viewport_size({"width": 390, "height": 844})
    page.keyboard.press("u")
    expect(page.locator(f"[data-row='{rows[1]}']")).to_be_focused()
    expect(page.locator("#case")).not_to_be_visible()


def test_the_box_is_empty_after_a_send_and_ready_for_more(page: Page, served: House) -> None:
    message_id = served.say("where is my order AB-10442")
    page.goto(f"/cases/{message_id}")
    page.fill("#text", "It is on its way.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".undo-line")).to_be_visible()
    expect(page.locator("#text")).to_have_value("")

    page.fill("#text", "I will write to you by tomorrow noon.")
    expect(page.locator(".quoted")).to_contain_text("Promises 12:00 tomorrow")
    page.keyboard.press("Control+Enter")

    expect(page.locator(".case-head .chip").first).to_contain_text("Promised until")
    expect(page.locator(".undo-line")).to_have_count(2)


def test_what_was_said_to_be_no_promise_stays_so_while_one_types_on(page: Page, served: House) -> None:
    page.goto(f"/cases/{served.say('where is my order AB-10442')}")
    page.fill("#text", "I will write to you by tomorrow noon.")
    page.check(".quoted input[type=checkbox]")

    page.fill("#text", "I will write to you by tomorrow noon, perhaps.")
    page.wait_for_timeout(900)

    expect(page.locator(".quoted input[type=checkbox]")).to_be_checked()


def test_a_masked_value_cannot_be_copied(page: Page, served: House) -> None:
    page.goto(f"/cases/{served.say('charged, my card is 4111 1111 1111 1111 ok')}")

    copied = page.evaluate(
        "() => { getSelection().selectAllChildren(document.querySelector('.is-now .bubble'));"
        " return getSelection() + '' }"
    )

    assert "411111" not in copied.replace(" ", "")
    assert "4111 1111" not in page.content()


def test_no_payload_runs_wherever_text_is_shown(page: Page, served: House) -> None:
    assert len(PAYLOADS) >= 60
    page.add_init_script(
        "window.canary = 0; for (const f of ['alert','confirm','prompt']) window[f] = () => { window.canary++ };"
    )
    reports: list[str] = []
    page.expose_function("reported", lambda words: reports.append(words))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', e => reported(e.violatedDirective + ' ' + e.sample))"
    )
    ids = [
        served.say(f"order {' '.join(PAYLOADS[n : n + 12])}", name=f"{PAYLOADS[n]} {n}", thread=f"t{n}")
        for n in range(0, len(PAYLOADS), 12)
    ]

    def nothing_ran() -> None:
        # A page whose scripts and pictures had their turn: the canary starts anew with every page.
        page.wait_for_function("document.readyState === 'complete'")
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
        assert page.evaluate("window.canary") == 0
        assert reports == []
        foreign = ", ".join(f"#shell {tag}" for tag in ("script", "iframe", "object", "base", "meta"))
        expect(page.locator(foreign)).to_have_count(0)

    for message_id in ids:
        assert served.suggestion(message_id) is not None
        with served.store() as work:
            case = work.cases.file(message_id)
        page.goto(f"/cases/{message_id}?view=all")
        page.fill("#text", case.message.text[:500])
        nothing_ran()
    page.goto("/?view=all")
    page.keyboard.press("j")
    page.wait_for_url("**/cases/**")
    nothing_ran()
    page.goto("/?view=all&q=<script>alert(1)</script>")
    nothing_ran()


PAGES = (
    "/needs-a-look", "/plays", "/plays/account-hacked", "/settings", "/settings/values", "/people", "/keys", "/audit",
    "/service", "/report", "/report/gaps", "/report/cases?figure=messages", "/board", "/staffing", "/plan",
    "/quality", "/crisis", "/plays/account-hacked/propose",
)  # fmt: skip


def fill_library(served: House) -> None:
    """The plays of the real playbook."""
    served.journey.playbook.plays = tuple(the_playbook().plays)  # type: ignore[attr-defined]


def fill_history(served: House) -> None:
    """Six weeks of arrivals, and a surge that is on."""
    now = served.clock()
    arrived(served.store, weekly(now, 6, per_hour=2), handled_s=240)
    with served.store() as work:
        work.surges.begin(Surge("srg_1", SurgeKind.ARRIVALS, "x", "outage", 42, 7.0, now, now))


def make_admin(served: House) -> None:
    """Who is signed in sees every page from now on."""
    with served.store() as work:
        work.access.save_person(replace(served.people["agent"], role=Role.ADMIN))


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_nothing_serious_keeps_anybody_out(page: Page, served: House, scheme: str, width: int) -> None:
    public = served.say("You charged me twice for order AB-10442")
    sensitive = served.say("charged, my card is 4111 1111 1111 1111")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    axe = (HERE / "vendor" / "axe.min.js").read_text("utf-8")
    violations = []
    make_admin(served)
    fill_library(served)
    fill_history(served)
    desk = (f"/cases/{public}", f"/cases/{sensitive}", "/?view=mine&assignee=nobody")
    for path in (*desk, *PAGES):
        page.goto(path)
        page.evaluate("document.querySelectorAll('.narrow, #snooze').forEach(one => one.setAttribute('open', ''))")
        page.evaluate("document.querySelector('.pick-row')?.click()")
        # The policy keeps even this script out, as it should; the debugger may still run it.
        page.evaluate(axe + "; null")
        result = page.evaluate("() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
        violations += [
            (path, violation["id"], violation["nodes"][0]["html"][:160], violation["nodes"][0]["failureSummary"][:300])
            for violation in result["violations"]
            if violation["impact"] != "minor"
        ]

    assert violations == []


@pytest.mark.parametrize("width", [1440, 1024, 390, 320])
def test_no_page_scrolls_sideways(page: Page, served: House, width: int) -> None:
    message_id = served.say("order " + "W" * 400 + " " + "long word " * 80, name="X" * 70)
    page.set_viewport_size({"width": width, "height": 800})
    make_admin(served)
    fill_library(served)
    fill_history(served)
    for path in ("/", f"/cases/{message_id}", *PAGES):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_the_reference_page_runs_without_any_other_host(page: Page) -> None:
    page.goto("/docs")

    expect(page.locator(".opblock").first).to_be_visible()


def test_a_form_on_another_origin_does_nothing(page: Page, served: House) -> None:
    message_id = served.say("where is my order AB-10442")
    url = f"{served.parts.public_url}/cases/{message_id}/dismiss"
    form = f'<form id=f method=post action="{url}"><input name=version value=1><input name=csrf value=x></form>'
    other = page.context.new_page()
    other.route("http://evil.example/", lambda route: route.fulfill(body=form, content_type="text/html"))
    other.goto("http://evil.example/")

    with other.expect_navigation():
        other.evaluate("document.getElementById('f').submit()")
    other.close()

    assert served.suggestion(message_id).choice.state == "proposed"


@pytest.mark.parametrize(
    ("counted_as", "text", "count"),
    [
        ("graphemes", "Hi 👩‍👩‍👧 é", 6),
        ("weighted", "Hi 👩‍👩‍👧 https://example.com/a/very/long/path?with=things é", 3 + 2 + 1 + 23 + 1 + 1),
        ("bytes", "Hi é 😀", 3 + 2 + 1 + 4),
    ],
)
def test_the_counter_counts_as_the_channel_counts(
    page: Page, served: House, counted_as: str, text: str, count: int
) -> None:
    page.goto(f"/cases/{served.say('where is my order AB-10442')}")
    page.evaluate("kind => { document.getElementById('text').dataset.count = kind }", counted_as)

    page.fill("#text", text)

    expect(page.locator("#counter")).to_have_text(f"{count} / 280")


def test_on_a_phone_the_list_and_the_case_take_turns(page: Page, served: House) -> None:
    served.say("where is my parcel")
    message_id = served.say("where is my order AB-10442", name="Petra")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    expect(page.locator("#case")).not_to_be_visible()

    page.click("[data-row]:has-text('Petra')")
    expect(page.locator("#case")).to_be_visible()
    expect(page.locator("#list")).not_to_be_visible()
    expect(page).to_have_url(f"{served.parts.public_url}/cases/{served.case(message_id)}?view=now_due")
    page.click(".back")

    expect(page.locator("#list")).to_be_visible()
    expect(page.locator("#case")).not_to_be_visible()


def test_the_browsers_back_button_leads_back(page: Page, served: House) -> None:
    first, second = (served.case(served.say(text)) for text in ("where is my order AB-10442", "where is my parcel"))
    page.goto(f"/cases/{first}")
    page.click(f"[data-row='{second}']")
    page.wait_for_url(f"**/cases/{second}?**")

    page.go_back()

    expect(page.locator("#case")).to_have_attribute("data-id", first)
    expect(page.locator("[data-row][aria-current]")).to_have_attribute("data-row", first)
