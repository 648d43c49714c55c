"""Reading mail: each mail of `fixtures/mail` as `expected.jsonl` says, any bytes, and hostile ones in linear time."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from care.errors import BadPayload
from care.message import Inbound
from channels.mail import charsets, danger, html, structure
from channels.mail.quotes import Letter, own_words
from channels.mail.reading import parse_mail

MAILS = Path(__file__).resolve().parents[2] / "fixtures" / "mail"
CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (MAILS / "expected.jsonl").read_text("utf-8").splitlines() if line
]
NOW = datetime(2026, 10, 5, 10, 30, tzinfo=UTC)
HEAD = b"From: Kim Doe <kim@mail.example>\nTo: care@shop.example\nSubject: Re: Lamp\nMessage-ID: <1@mail.example>\n"
FIRE = "The heater caught fire and my son is in hospital."
MEGABYTE = 1 << 20


def read(raw: bytes, *, arrived_at: datetime = NOW, own_address: str = "") -> Inbound:
    [inbound] = parse_mail(raw, channel="email", own_address=own_address, arrived_at=arrived_at)
    return inbound


def mail(body: str, *headers: str) -> bytes:
    lines = "".join(f"{header}\n" for header in headers)
    return HEAD + f"{lines}Content-Type: text/plain; charset=utf-8\n\n{body}".encode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"].removesuffix(".eml"))
def test_a_mail_is_read_as_a_person_would_read_it(case: dict[str, Any]) -> None:
    inbound = read((MAILS / case["file"]).read_bytes())

    if "text" in case:
        assert inbound.text == case["text"]
    for words in case.get("contains", ()):
        assert words in inbound.text
    for words in case.get("lacks", ()):
        assert words not in inbound.text
    assert (inbound.origin.automatic is not None) == case.get("automatic", False)
    mail = {
        "name": inbound.author.name,
        "reply_to": inbound.author.handle,
        "thread": inbound.origin.thread_key,
        "subject": inbound.subject,
        "attachments": [[attachment.name, attachment.media_type] for attachment in inbound.attachments],
        "alt": next((attachment.alt for attachment in inbound.attachments), None),
    }
    assert {name: mail[name] for name in mail if name in case} == {name: case[name] for name in mail if name in case}


def test_every_mail_of_the_folder_has_its_line_and_the_other_way_round() -> None:
    assert {case["file"] for case in CASES} == {path.name for path in MAILS.glob("*.eml")}


# Danger ---------------------------------------------------------------------------------------------------------------

SHAPES: dict[str, Callable[[str], str]] = {
    "alone": lambda said: said,
    "under a quote": lambda said: f"On Mon, Oct 5, 2026 at 10:00 AM Care <care@shop.example> wrote:\n> Hello\n\n{said}",
    "between quotes": lambda said: f"> Which lamp?\n{said}\n> When?\nFriday.",
    "right under a quoted line": lambda said: f"> Which lamp?\n{said}",
    "behind an attribution without marks": lambda said: (
        f"Hello,\n\nOn Mon, Oct 5, 2026 at 10:00 AM Care <care@shop.example> wrote:\n\nHow are you?\n\n{said}"
    ),
    "behind two dashes": lambda said: f"Hello, I write about the heater.\n--\n{said}",
    "behind a signature mark": lambda said: f"Hello, I write about the heater.\n-- \nKim Doe\n{said}",
    "behind a line": lambda said: f"Form\n________________________________\n{said}",
    "behind a header block": lambda said: (
        f"Hello\n\nFrom: Care <care@shop.example>\nSent: Monday\nTo: Kim\nSubject: Re: Lamp\n\nWe are sorry.\n\n{said}"
    ),
    "behind an original message": lambda said: f"Hello\n\n-----Original Message-----\n{said}",
    "quoted from somebody else": lambda said: f"What now?\n\nAm 05.10.26 um 10:00 schrieb Anna:\n> {said}",
    "marked by hand": lambda said: f"My wife says:\n> {said}",
    "in front of sent from": lambda said: f"{said}\nSent from my iPhone",
    "as sent from": lambda said: f"Hello there, Care.\n\nSent from my bed: {said}",
    "in a forwarded block": lambda said: (
        f"Look\n\n---------- Forwarded message ---------\nFrom: Anna <a@b.example>\n\n{said}"
    ),
    "behind a long mail": lambda said: "a line of the story\n" * 30_000 + said,
    "in the middle of a long mail": lambda said: "a line\n" * 60_000 + said + "\na line" * 60_000,
}
WRAPS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda body: mail(body),
    "answer": lambda body: mail(body, "In-Reply-To: <our-1@shop.example>"),
    "html lines": lambda body: (
        HEAD + b"Content-Type: text/html\n\n" + "<br>\n".join(body.replace("<", "&lt;").split("\n")).encode()
    ),
    "html paragraphs": lambda body: (
        HEAD
        + b"Content-Type: text/html\n\n<html><head><style>p{}</style></head><body>"
        + "".join(f"<div>{line.replace('<', '&lt;')}</div>" for line in body.split("\n")).encode()
    ),
    "mixed": lambda body: (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHello\n"
        b"--b\nContent-Type: text/plain\n\n" + body.encode() + b"\n--b--\n"
    ),
}


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("shape", SHAPES)
def test_words_of_danger_are_never_lost(shape: str, wrap: str) -> None:
    assert "caught fire" in read(WRAPS[wrap](SHAPES[shape](FIRE))).text


@pytest.mark.parametrize(
    "said",
    [
        "Der Heizlüfter hat gebrannt, mein Sohn ist im Krankenhaus.",
        "Le chauffage a pris feu, mon fils est à l'hôpital.",
        "El calefactor se quemó, mi hijo está en el hospital.",
        "La stufa ha preso fuoco, mio figlio è in ospedale.",
        "De kachel vloog in brand, mijn zoon ligt in het ziekenhuis.",
        "Grzejnik się zapalił, mój syn jest w szpitalu.",
        "Värmaren brann, min son är på sjukhus.",
        "Обогреватель загорелся, сын в больнице.",
        "暖房が発火しました。息子は病院にいます。",
    ],
)
def test_words_of_danger_are_known_in_other_languages(said: str) -> None:
    body = f"Please call.\n\nOn Mon, Oct 5, 2026 at 10:00 AM Anna <a@home.example> wrote:\n\n{said}"

    assert said in read(mail(body)).text


def test_what_we_wrote_of_a_danger_ourselves_is_not_kept_again() -> None:
    body = (
        "Thank you.\n\nOn Mon, Oct 5, 2026 at 10:00 AM Care <care@shop.example> wrote:\n> We are sorry for the fire.\n"
    )

    assert read(mail(body)).text == "Thank you."


def test_ordinary_words_are_no_words_of_danger() -> None:
    assert (
        danger.words_of_danger("Die Marke hat der Hund, ogni giorno, quem sabe, our brand, the elder, focus") == set()
    )


# Any bytes ------------------------------------------------------------------------------------------------------------


@given(raw=st.binary(max_size=600))
@example(raw=b'From: a@b.example\nContent-Type: multipart/mixed; boundary="\n\n--\n')
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for whole in (raw, HEAD + raw, HEAD + b"Content-Type: text/html\n\n" + raw):
        try:
            read(whole)
        except BadPayload:
            pass


PIECES = [
    b"Content-Type: multipart/mixed; boundary=b\n",
    b"Content-Type: multipart/alternative; boundary=b\n",
    b"--b\n",
    b"--b--\n",
    b"Content-Type: text/html\n",
    b"Content-Type: message/rfc822\n",
    b"Content-Transfer-Encoding: base64\n",
    b"\n",
    b"\n\n",
    b"> ",
    b"On Mon, Oct 5, 2026 at 10:00 AM Care <care@shop.example> wrote:\n",
    b"From: a <a@b.example>\n",
    b"Sent: Monday\n",
    b"To: b\n",
    b"Subject: =?utf-8?q?=C3?=\n",
    b"-- \n",
    b"Forwarded message\n",
    b"<blockquote type=cite>",
    b"</blockquote>",
    b"<style>",
    b"<!--",
    b"words ",
    b"\xe4\xff",
    b"Date: Fri, 31 Dec 9999 23:59:59 -2359\n",
    b"Content-Disposition: attachment; filename*0*=x''%ff\n",
    b"Content-Type: text/plain; charset=idna\n",
    b"=C3=A4",
    b"QUJD",
    b"-----BEGIN PGP SIGNED MESSAGE-----\n",
    b"References: <<a@>\n",
]


@given(pieces=st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=40))
@settings(max_examples=300, deadline=None)
def test_pieces_of_mails_in_any_order_are_read_or_refused(pieces: list[bytes]) -> None:
    try:
        inbound = read(HEAD + b"".join(pieces))
    except BadPayload:
        return
    assert inbound.origin.written_at.utcoffset() == timedelta(0)
    inbound.text.encode()


@given(
    body=st.text(
        alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co")) | st.just("\n"), max_size=300
    )
)
@settings(max_examples=300, deadline=None)
def test_a_plain_mail_never_loses_all_its_words(body: str) -> None:
    text = read(mail(body)).text

    assert any(char.isalnum() for char in text) or not any(char.isalnum() for char in body)


@given(
    lines=st.lists(
        st.sampled_from(
            [
                "> quoted",
                ">> deeper",
                "",
                "my words",
                "-- ",
                "--",
                "Kim Doe",
                "On Mon, Oct 5, 2026 at 10:00 AM Care <care@shop.example> wrote:",
                "From: Care <care@shop.example>",
                "Sent: Monday",
                "To: Kim",
                "Subject: Re: Lamp",
                "____________________",
                "Sent from my iPhone",
            ]
        ),
        max_size=25,
    )
)
@settings(max_examples=300, deadline=None)
def test_lines_of_a_thread_in_any_order_leave_something(lines: list[str]) -> None:
    body = "\n".join(lines)

    assert bool(own_words(body, Letter(name="Kim Doe", subject="Re: Lamp"))) == bool(body.strip())


# Hostile bytes --------------------------------------------------------------------------------------------------------


def fill(unit: str, before: str = "", after: str = "") -> str:
    return before + unit * (MEGABYTE // len(unit)) + after


PAGES = {
    "open tags": fill("<a "),
    "angles": fill("<"),
    "deep div": fill("<div>"),
    "deep b": fill("<b>"),
    "b and p": fill("<b></p>"),
    "deep quotes": fill("<blockquote>"),
    "hidden": fill("<div style='display:none'>"),
    "tables": fill("<table><td>"),
    "lists": fill("<ul><li>"),
    "formatting": fill("<b><i><u><s><p>"),
    "style": fill("p{}", "<style>"),
    "comment": fill("--!", "<!--"),
    "comments": fill("<!--"),
    "title": fill("x", "<title>"),
    "entities": fill("&amp"),
    "attributes": fill("a=1 ", "<p ", ">"),
    "cdata": fill("<![CDATA["),
    "open quote": fill('"', '<a b="'),
    "rows": fill("<tr><td>x</td></tr>", "<table>"),
    "breaks": fill("<br>"),
    "text": fill("word "),
}
BODIES = {
    "gt": "> ",
    "quoted lines": "> a\n",
    "empty lines": "\n",
    "attribution starts": "On Mon, Oct 5, 2026 at 10:00 \n",
    "spaces": " ",
    "attributions": "On Mon, Oct 5, 2026 at 10:00 AM Care <care@shop.example> wrote:\n",
    "header lines": "From: a\n",
    "dashes": "-",
    "header blocks": "From: a\nTo: b\nSent: c\n\n",
    "signatures": "-- \nKim\n",
    "addresses": "a@",
    "one word": "a",
    "rules": "_" * 20 + "\n\n",
    "pgp": "-----BEGIN PGP SIGNATURE-----\n",
    "dots": "a.b@c.",
    "umlauts": "ä",
    "escapes": "\x1b$B",
    "tags": "<p>",
    "colons": "a:",
    "nul": "\0",
}
MIMES = {
    "3,000 nested parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)
    ),
    "nested mails": b"Content-Type: message/rfc822\n\n" * 30_000,
    "200,000 parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 200_000,
    "a parameter": b'Content-Type: text/plain; a="' + b";" * MEGABYTE + b'"\n\n',
    "folded": b"X: y\n" + b" z\n" * 300_000 + b"\n",
    "references": b"References: " + b"<" * MEGABYTE + b"\n\n",
    "encoded words": b"Comment: " + b"=?a?q?" * 150_000 + b"\n\n",
    "file names": b"Content-Disposition: inline" + b"".join(b"; filename*%d=a" % n for n in range(50_000)) + b"\n\n",
    "punycode": b"Content-Type: text/plain; charset=punycode\n\n" + b"a-" * 500_000,
}
# Every letter that any word of danger is made of, so that none can be left out by its letters.
LETTERS = "".join(sorted({letter for stem, _ in danger._KNOWN for letter in stem}))
HOSTILE = {
    "text, every letter, then one": HEAD + b"\n" + fill("a", LETTERS + "\n").encode(),
    "text, every letter, then wide ones": HEAD + b"\n" + fill("\u043f", LETTERS + "\n").encode(),
    "html, every letter in every tag": HEAD
    + b"Content-Type: text/html\n\n"
    + fill(f"<b>{LETTERS}</b>").encode()[:MEGABYTE],
    **{f"html, {name}": HEAD + b"Content-Type: text/html\n\n" + page.encode() for name, page in PAGES.items()},
    **{f"text, {name}": HEAD + b"\n" + fill(unit).encode() for name, unit in BODIES.items()},
    **{f"mime, {name}": HEAD + raw for name, raw in MIMES.items()},
}


def seconds(raw: bytes) -> float:
    """Of this process alone, so that neighbours on the machine do not count."""
    began = time.process_time()
    read(raw)
    return time.process_time() - began


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_of_anything_is_read_quickly(name: str) -> None:
    # Measured: at most 0.11 s of processor time on two cores shared by many; the limit leaves room for slower ones.
    assert min(seconds(HOSTILE[name]) for _ in range(3)) < 0.45


@pytest.mark.parametrize("name", HOSTILE)
def test_what_stands_behind_a_hostile_megabyte_is_not_lost(name: str) -> None:
    behind = HOSTILE[name] + (
        b"\n<p>" + FIRE.encode() + b"</p>\n" if name.startswith("html") else b"\n\n" + FIRE.encode()
    )

    assert "caught fire" in read(behind).text


def test_twice_the_bytes_take_about_twice_the_time() -> None:
    def deep(n: int) -> bytes:
        return HEAD + b"Content-Type: text/html\n\n" + b"<b></p>" * n

    read(deep(1000))
    small, large = min(seconds(deep(30_000)) for _ in range(3)), min(seconds(deep(120_000)) for _ in range(3))

    assert large < 10 * max(small, 0.005)


# Parts of it ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Mon, 05 Oct 2026 12:00:00 +0200", NOW - timedelta(minutes=30)),
        ("Mon, 05 Oct 2026 10:00:00", NOW - timedelta(minutes=30)),
        ("Tue, 06 Oct 2026 12:00:00 +0000", NOW),
        ("Mon, 05 Oct 2015 12:00:00 +0000", NOW),
        ("Fri, 31 Dec 9999 23:59:59 -1200", NOW),
        ("Mon, 01 Jan 0001 00:00:00 +1400", NOW),
        ("Mon, 05 Oct 2026 10:00:00 +9999", NOW),
        ("yesterday", NOW),
        ("", NOW),
    ],
)
def test_a_clock_that_cannot_be_right_is_replaced_by_the_arrival(header: str, expected: datetime) -> None:
    assert read(mail("x", f"Date: {header}")).origin.written_at == expected


def test_a_mail_without_an_id_has_the_same_one_each_time() -> None:
    raw = b"From: kim@mail.example\nSubject: x\n\nWhere is my order?"

    first, second, other = read(raw), read(raw), read(raw + b"!")

    assert first.origin.outside_id == second.origin.outside_id == first.origin.thread_key
    assert first.origin.outside_id != other.origin.outside_id


@pytest.mark.parametrize(
    ("headers", "thread", "answered"),
    [
        (["References: <root@x>,<b@y>  <c@z><d@w>", "In-Reply-To: <d@w>"], "<root@x>", "<d@w>"),
        (["References: <root@x>\n\t<b@y>"], "<root@x>", "<b@y>"),
        (
            ['In-Reply-To: "Care\'s message of Monday" <our-1@shop.example>'],
            "<our-1@shop.example>",
            "<our-1@shop.example>",
        ),
        (["In-Reply-To: Your message"], "<1@mail.example>", None),
        (["References: <root@x>", "In-Reply-To: <1st@mail.example>"], "<root@x>", "<1st@mail.example>"),
        ([], "<1@mail.example>", None),
    ],
)
def test_an_answer_is_in_the_thread_it_answers(headers: list[str], thread: str, answered: str | None) -> None:
    inbound = read(mail("x", *headers))

    assert (inbound.origin.thread_key, inbound.in_reply_to) == (thread, answered)


def test_a_form_that_writes_from_our_own_address_is_its_writers_mail() -> None:
    raw = b"From: care@shop.example\nReply-To: Kim <kim@mail.example>\nMessage-ID: <1@x>\nSubject: Form\n\nLamp broken"

    inbound = read(raw, own_address="care@shop.example")

    assert (inbound.author.handle, inbound.author.name, inbound.origin.automatic) == ("kim@mail.example", "Kim", None)


def test_our_own_mail_is_set_aside_with_a_reason() -> None:
    raw = b"From: Care <CARE@shop.example>\nMessage-ID: <1@x>\n\nHello"

    assert read(raw, own_address="care@shop.example").origin.automatic == "sent from our own address"


def test_a_reason_and_an_error_hold_no_word_of_the_mail() -> None:
    raw = b"Subject: Secret plans\n\nsecret words"

    with pytest.raises(BadPayload) as caught:
        read(raw)
    assert "ecret" not in str(caught.value)
    assert "ecret" not in str(read(mail("x", "Auto-Submitted: secret")).origin.automatic)


def test_an_attachment_is_measured_without_its_encoding() -> None:
    raw = (MAILS / "mixed_two_texts.eml").read_bytes()

    [picture] = read(raw).attachments

    assert (picture.name, picture.media_type, picture.size_bytes) == ("x.jpg", "image/jpeg", 3)


@pytest.mark.parametrize(
    "charset", ["utf-16", "utf-32", "unicode_escape", "rot13", "hex", "zlib", "undefined", "\x00", "utf-8\n"]
)
def test_no_named_charset_makes_reading_fail(charset: str) -> None:
    assert "order" in charsets.decode(b"Where is my order?", charset) or charset in ("utf-16", "utf-32")


def test_html_past_the_limits_is_read_with_its_tags_cut_out() -> None:
    page = html.html_text("<p>one</p>" * (html.TAGS_MAX // 2 + 1) + "<p>two</p>")

    assert page.text.endswith("one\n\ntwo")


def test_parts_past_the_limit_stay_as_text() -> None:
    parts = b"".join(b"--b\nContent-Type: text/plain\n\nword%d\n" % n for n in range(structure.PARTS_MAX + 50))

    text = read(HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + parts).text

    assert all(f"word{n}\n" in f"{text}\n" for n in range(structure.PARTS_MAX + 50))


@pytest.mark.parametrize(
    "date",
    [
        "Fri, 31 Dec 9999 23:59:59 -1400",
        "Mon, 01 Jan 0001 00:00:00 +1400",
        "Fri, 31 Dec 9999 23:59:60 +0000",
        "Fri, 31 Dec 99999 23:59:59 +0000",
        "Thu, 26 Nov 2026 10:00:00 +9999",
        "Thu, 26 Nov 2026 10:00:00 -999999999999",
    ],
)
def test_a_date_at_an_edge_of_time_is_not_believed(date: str) -> None:
    raw = f"From: Kim <kim@example.org>\r\nMessage-ID: <a@b>\r\nDate: {date}\r\n\r\nWhere is it?\r\n".encode()
    arrived_at = datetime(2026, 11, 26, 12, tzinfo=UTC)

    [message] = parse_mail(raw, channel="email", own_address="care@example.org", arrived_at=arrived_at)

    assert message.origin.written_at == arrived_at
