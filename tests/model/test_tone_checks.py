"""Each check by itself: what it sees, how grave that is, where, and what to write instead."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.phrases import read
from care.reply import Verdict
from model.tone import checks
from model.tone.checker import ToneModel
from model.tone.checks import ChannelLimit, Seen, VoiceRules
from model.tone.head import UPSET, ToneHead, features

# capitals and marks ------------------------------------------------------------------------------------------------


def shouted(text: str) -> list[tuple[str, str, str, str | None]]:
    seen = checks.shouting(text, allowed=frozenset({"LUMO"}))
    return [(fault.rule, fault.severity, text[fault.start : fault.end], fault.fix) for fault in seen]


@pytest.mark.parametrize(
    ("text", "words", "fix"),
    [
        ("We VALUE YOUR PATIENCE today.", "VALUE YOUR PATIENCE", "value your patience"),
        ("GREAT NEWS for you", "GREAT NEWS", "Great news"),
        ("SORRY ABOUT IT", "SORRY ABOUT", "Sorry about"),
        ("WAIT, A MOMENT", "WAIT, A MOMENT", "Wait, a moment"),
        ("Sorry. PLEASE STOP THAT", "PLEASE STOP THAT", "Please stop that"),
        ("Here at LUMO we VALUE YOUR PATIENCE", "VALUE YOUR PATIENCE", "value your patience"),
    ],
)
def test_several_words_in_capitals_are_shouting(text: str, words: str, fix: str) -> None:
    assert shouted(text) == [("shouting", "stop", words, fix)]


@pytest.mark.parametrize(
    ("text", "words", "fix"),
    [
        ("It is REALLY on its way.", "REALLY", "really"),
        ("REALLY sorry about that.", "REALLY", "Really"),
        ("Sorry. REALLY sorry.", "REALLY", "Really"),
        ("Sorry! REALLY sorry.", "REALLY", "Really"),
        ("Late? REALLY sorry.", "REALLY", "Really"),
        ("Do NOT open it.", "NOT", "not"),
        ("This is NOT GOOD at all.", "NOT GOOD", "not good"),
    ],
)
def test_a_word_in_capitals_is_a_hint_and_is_written_small(text: str, words: str, fix: str) -> None:
    assert shouted(text) == [("capitals", "hint", words, fix)]


@pytest.mark.parametrize(
    "text",
    [
        "Your USB and PDF files.",
        "OK THANKS",
        "OK THANKS YO",
        "LUMO lamps",
        "The code is ABC.",
        "no-STOP @HELP #SALE ok",
    ],
)
def test_names_codes_and_a_short_text_in_capitals_are_none(text: str) -> None:
    assert shouted(text) == []


def test_rows_of_marks_are_one_mark() -> None:
    assert shouted("Great!! Really?! Yes!!! What?? Ok! Ok?") == [
        ("marks", "hint", "!!", "!"),
        ("marks", "warn", "?!", "?"),
        ("marks", "warn", "!!!", "!"),
        ("marks", "warn", "??", "?"),
    ]


# emoji -------------------------------------------------------------------------------------------------------------


def pictures(text: str, *, policy: str = "few", profile: str = "friendly", is_upset: bool = False) -> list[str]:
    seen = list(checks.emoji(text, policy=policy, profile=profile, is_upset=is_upset))
    assert all(fault.fix == "" for fault in seen)
    return [f"{fault.severity} {fault.rule} {text[fault.start : fault.end]}" for fault in seen]


@pytest.mark.parametrize("sign", ["😂", ":D", ";)", "xD", "¯\\_(ツ)_/¯", "👍🏽", "🇩🇪"])
def test_a_picture_that_jokes_is_for_those_who_are_not_upset(sign: str) -> None:
    assert pictures(f"ok {sign}") == []
    assert pictures(f"ok {sign}", is_upset=True) == [f"stop joke_emoji {sign}"]


@pytest.mark.parametrize("sign", ["😊", "😔", ":)", "🙏"])
def test_an_earnest_picture_is_better_left_out_for_somebody_upset(sign: str) -> None:
    assert pictures(f"ok {sign}") == []
    assert pictures(f"ok {sign}", is_upset=True) == [f"warn emoji {sign}"]


def test_a_picture_that_mocks_never_goes_out_but_mildly_in_a_playful_voice() -> None:
    assert pictures("Well 🙄") == ["stop rude_emoji 🙄"]
    assert pictures("Well 🙄", profile="playful") == []
    assert pictures("Well 🙄", profile="playful", is_upset=True) == ["stop rude_emoji 🙄"]
    assert pictures("💩 happens", profile="playful") == ["stop rude_emoji 💩"]


def test_a_voice_has_no_picture_two_or_as_many_as_it_likes() -> None:
    assert pictures("a 😊 b :) c 😊 d 😊") == ["warn emoji 😊", "warn emoji 😊"]
    assert pictures("a 😊 b :)", policy="none") == ["warn emoji 😊", "warn emoji :)"]
    assert pictures("a 😊 b :) c 😊", policy="free") == []
    assert pictures("see https://x.y/8D", policy="none") == []


def told(policy: str, text: str, *, is_upset: bool = False) -> set[str]:
    return {fault.message for fault in checks.emoji(text, policy=policy, profile="friendly", is_upset=is_upset)}


def test_what_is_said_of_a_picture_is_why() -> None:
    assert told("none", "a 😊 b 😊 c 😊") == {"Our voice uses no emoji."}
    assert told("few", "a 😊 b 😊 c 😊") == {"More than two emoji are too many for our voice."}
    assert told("few", "a 🙄") == {"This emoji mocks or insults: take it out."}
    assert told("few", "a 😊", is_upset=True) == {"This customer is upset: better without an emoji."}
    assert told("few", "a 😂", is_upset=True) == {"This customer is upset or in a hurry: no laughing emoji now."}


# length ------------------------------------------------------------------------------------------------------------


def test_what_is_over_a_channels_limit_is_marked_from_where_it_goes_over() -> None:
    [fault] = checks.length("a" * 50, ChannelLimit(40), channel="x")

    assert (fault.rule, fault.severity, fault.start, fault.end) == ("length", "stop", 40, 50)
    assert fault.message == "10 characters too long for x, which takes 40: shorten it."
    assert list(checks.length("a" * 40, ChannelLimit(40), channel="x")) == []
    assert list(checks.length("a" * 50, None, channel="x")) == []


def test_a_channel_that_counts_otherwise_is_believed() -> None:
    twice = ChannelLimit(40, lambda text: 2 * len(text))

    [fault] = checks.length("a" * 30, twice, channel="x")

    assert (fault.start, fault.message[:2]) == (20, "20")
    assert list(checks.length("a" * 20, twice, channel="x")) == []


def test_a_private_text_has_a_limit_of_its_own_where_the_channel_has_one() -> None:
    assert ChannelLimit(280, in_private=1000).private == ChannelLimit(1000)
    assert ChannelLimit(280).private == ChannelLimit(280)


# names -------------------------------------------------------------------------------------------------------------


def greeted(text: str, name: str | None, to: str | None = None) -> list[tuple[str, str, str | None]]:
    seen = checks.wrong_name(text, name=name, to=to)
    return [(text[fault.start : fault.end], fault.message, fault.fix) for fault in seen if fault.severity == "stop"]


@pytest.mark.parametrize(
    ("text", "name", "to", "real", "fix"),
    [
        ("Hi Bob, it left.", "Ana Lopez", None, "Ana Lopez", "Ana"),
        ("Good morning Bob, it left.", "Ana", None, "Ana", "Ana"),
        ("Dear Bob\nIt left", "Ana", None, "Ana", "Ana"),
        ("Thanks Bob!", None, "where is it? Thanks, Ana", "Ana", "Ana"),
        ("Hi Bob, it left.", None, "My name is Ana and it broke", "Ana", "Ana"),
        ("Hi Bob, it left.", "Ana", "Thanks, Bob", "Ana", "Ana"),
        ("Hi Jo, it left.", "Joseph", None, "Joseph", "Joseph"),
        ("Hi Jon, it left.", "Joe", None, "Joe", "Joe"),
    ],
)
def test_whoever_is_greeted_by_another_name_is_named(
    text: str, name: str | None, to: str | None, real: str, fix: str
) -> None:
    [(wrong, message, right)] = greeted(text, name, to)

    assert message == f"The customer is {real}, not {wrong}."
    assert right == fix


@pytest.mark.parametrize(
    ("text", "name", "to"),
    [
        ("Hi Ana, it left.", "Ana Lopez", None),
        ("Hello Mrs Berg, it left.", "Ana Berg", None),
        ("Hi Bob Smith, it left.", "Bob", None),
        ("Hi Chris, it left.", "Christopher", None),
        ("Hi Katherine, it left.", "Kathrine", None),
        ("Hi there, it left.", "Ana", None),
        ("Hi ana, it left.", "Bob", None),
        ("Hi Bob, it left.", None, "thanks, Help"),
        ("Hi Bob, it left.", None, "no name here"),
        ("Hi Bob, it left.", None, None),
        ("It left, Bob.", "Ana", None),
    ],
)
def test_a_short_form_a_surname_and_a_name_nobody_knows_are_not_wrong(
    text: str, name: str | None, to: str | None
) -> None:
    assert greeted(text, name, to) == []


# languages, grades, empathy ----------------------------------------------------------------------------------------

GERMAN = "Guten Tag, Ihr Paket ist seit heute Morgen unterwegs und kommt bald."
ENGLISH = "Good morning, your parcel has been on its way since this morning."


def languages(text: str, *, to: str | None, language: str = "en") -> list[tuple[str, str]]:
    seen = list(checks.wrong_language(text, read(text), to=to, language=language))
    assert all((fault.rule, fault.start, fault.end) == ("wrong_language", 0, len(text)) for fault in seen)
    return [(fault.severity, fault.message) for fault in seen]


def test_an_answer_is_in_the_customers_language_or_else_in_ours() -> None:
    assert languages(GERMAN, to="de") == []
    assert languages(ENGLISH, to=None) == []
    assert languages(GERMAN, to=None) == [("warn", "This is written in de; the customer reads en.")]
    assert languages(GERMAN, to="es") == [("stop", "This is written in de; the customer reads es.")]
    assert languages(ENGLISH, to="de") == [("warn", "This is written in en; the customer reads de.")]
    assert languages("Gern, bis bald.", to="en") == []


@pytest.mark.parametrize(
    ("word", "syllables"),
    [("lamp", 1), ("cake", 1), ("be", 1), ("table", 2), ("coffee", 2), ("arrived", 2), ("used", 1), ("wanted", 2)],
)
def test_syllables_are_counted_as_they_are_spoken(word: str, syllables: int) -> None:
    assert checks.reading_grade(read(word)) == pytest.approx(0.39 + 11.8 * syllables - 15.59)


def test_the_reading_grade_is_flesch_and_kincaids() -> None:
    # Seven words in two sentences with eight syllables; what has no letter is no word.
    assert checks.reading_grade(read("We are sorry. It left us today 12.")) == pytest.approx(
        0.39 * 7 / 2 + 11.8 * 9 / 7 - 15.59
    )
    assert checks.reading_grade(read("12 34.")) == 0.0
    assert checks.reading_grade(read("")) == 0.0


def test_a_text_of_thirty_words_may_be_hard_to_read() -> None:
    def graded(n_words: int, max_grade: float) -> list[Seen]:
        text = "lamp " * n_words
        return list(checks.readability(text, read(text), max_grade=max_grade))

    grade = checks.reading_grade(read("lamp " * 30))
    [fault] = graded(30, grade - 1)

    assert graded(29, 0) == []
    assert graded(30, grade) == []
    assert (fault.severity, fault.start, fault.end) == ("warn", 0, 150)
    assert fault.message.startswith(f"Hard to read (grade {grade:.0f}, ours is at most {grade - 1:.0f})")


def test_who_acts_at_once_has_seen_how_a_customer_feels_and_who_only_informs_has_not() -> None:
    text = "  Your parcel left."

    def cold(*cues: str, text: str = text) -> list[tuple[str, int, int]]:
        return [(fault.severity, fault.start, fault.end) for fault in checks.cold(text, frozenset(cues), read(text))]

    assert cold() == [("warn", 2, 6)]
    assert cold("offers") == [("hint", 2, 6)]
    assert cold("acknowledges", "offers") == []
    assert cold(text="!") == []


# the head ----------------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(["thanks", "for", "nothing", "a", "lamp", "it" * 30])
FACTS = st.dictionaries(st.sampled_from(["cold", "stop", "asks"]), st.floats(0, 1), max_size=3)


def weighed(names: set[str]) -> dict[str, float]:
    """A weight of its own for each feature, the same every time."""
    return {name: ((sum(map(ord, name)) * 7919) % 200 - 100) / 50 for name in sorted(names)}


@given(st.lists(WORDS, max_size=12).map(" ".join), FACTS, st.booleans())
def test_the_score_is_the_sum_of_the_features_by_their_weights(
    text: str, facts: dict[str, float], is_upset: bool
) -> None:
    words = read(text)
    known = features(words, facts, is_upset=True)
    head = ToneHead(weighed(set(known)), bias=0.25, slope=1.0, offset=0.0, stop_below=0.3, warn_below=0.6)
    looked_at = features(words, facts, is_upset=is_upset)

    score = head.score(words, facts, is_upset=is_upset)

    assert score == pytest.approx(0.25 + sum(value * head.weights[name] for name, value in looked_at.items()))


def test_the_features_of_a_text_are_its_words_their_parts_their_pairs_and_what_the_rules_saw() -> None:
    seen = features(read("ok ok so"), {"cold": 0.5}, is_upset=False)

    assert seen == pytest.approx(
        {
            "w:ok": 1.0, "c: ok": 1 / 3, "c:ok ": 1 / 3, "c: ok ": 1 / 3,
            "w:so": 0.5, "c: so": 1 / 6, "c:so ": 1 / 6, "c: so ": 1 / 6,
            "b:ok ok": 0.5, "b:ok so": 0.5, "f:cold": 0.5,
        }
    )  # fmt: skip
    upset = features(read("ok ok so"), {"cold": 0.5}, is_upset=True)
    assert upset == {**seen, **{UPSET + name: value for name, value in seen.items()}}


def test_a_head_judges_texts_of_which_it_knows_half_the_words() -> None:
    head = ToneHead({"w:thanks": 1.0, "w:lamp": 1.0}, bias=0, slope=1, offset=0, stop_below=0.3, warn_below=0.6)

    def is_known(text: str) -> bool:
        return head.judge(read(text), {}, is_upset=False)[1]

    assert [is_known(text) for text in ("thanks lamp", "thanks pal", "thanks pal mate", "")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_a_score_becomes_a_chance_by_slope_and_offset() -> None:
    head = ToneHead({}, bias=0, slope=2.0, offset=0.5, stop_below=0.3, warn_below=0.6)

    assert head.probability(0.25) == pytest.approx(1 / (1 + math.exp(-1.0)))
    assert head.probability(1e6) == pytest.approx(1.0)
    assert 0 < head.probability(-1e6) < 1e-20


def test_the_worst_sentence_is_the_one_that_speaks_most_against_sending() -> None:
    weights = {"w:rude": -3.0, "w:bad": -2.0, UPSET + "w:bad": -9.0, "w:thanks": 1.0}
    head = ToneHead(weights, bias=0, slope=1, offset=0, stop_below=0.3, warn_below=0.6)
    text = "Thanks for that. A bad day. That is rude, my friend."

    def worst(*, is_upset: bool) -> str:
        start, end = head.worst(read(text), is_upset=is_upset) or (0, 0)
        return text[start:end]

    assert worst(is_upset=False) == "That is rude, my friend"
    assert worst(is_upset=True) == "A bad day"
    assert head.worst(read("!"), is_upset=False) is None


# the verdict -------------------------------------------------------------------------------------------------------


def headed(chance: float, *, known: str, **limits: ChannelLimit) -> ToneModel:
    """A check whose head gives every text this chance, and knows these words."""
    head = ToneHead(
        {f"w:{word}": 0.0 for word in known.split()},
        bias=math.log(chance / (1 - chance)),
        slope=1.0,
        offset=0.0,
        stop_below=0.3,
        warn_below=0.6,
    )
    return ToneModel.rules_only(limits=limits).with_head(head)


PLAIN = "your parcel left today"


@pytest.mark.parametrize(
    ("chance", "verdict"),
    [(0.29, Verdict.STOP), (0.31, Verdict.WARN), (0.59, Verdict.WARN), (0.61, Verdict.SEND), (0.99, Verdict.SEND)],
)
def test_the_heads_two_thresholds_part_stop_warn_and_send(chance: float, verdict: Verdict) -> None:
    report = headed(chance, known=PLAIN).check(PLAIN, channel="x", mood="neutral")

    assert (report.verdict, report.score) == (verdict, pytest.approx(chance))
    assert [finding.rule for finding in report.findings] == ([] if verdict is Verdict.SEND else ["tone"])


def test_a_rule_that_stops_is_never_outvoted_and_one_that_warns_never_unsaid() -> None:
    stopped = headed(0.99, known=PLAIN, x=ChannelLimit(10)).check(PLAIN, channel="x", mood="neutral")
    warned = headed(0.99, known=PLAIN).check(f"{PLAIN}?!", channel="x", mood="neutral")

    assert (stopped.verdict, stopped.score) == (Verdict.STOP, pytest.approx(0.15))
    assert [finding.rule for finding in stopped.findings] == ["length"]
    assert (warned.verdict, warned.score) == (Verdict.WARN, pytest.approx(0.99))
    assert [finding.rule for finding in warned.findings] == ["marks"]


@pytest.mark.parametrize(
    ("has_stop", "has_warn", "verdict", "score"),
    [(False, False, Verdict.SEND, 0.97), (False, True, Verdict.WARN, 0.6), (True, True, Verdict.STOP, 0.05)],
)
def test_where_the_head_knows_too_little_the_rules_alone_decide(
    has_stop: bool, has_warn: bool, verdict: Verdict, score: float
) -> None:
    text = PLAIN + ("?!" if has_warn else "")
    limits = {"x": ChannelLimit(10)} if has_stop else {}

    for model in (headed(0.01, known="other words", **limits), ToneModel.rules_only(limits=limits)):
        report = model.check(text, channel="x", mood="neutral")
        assert (report.verdict, report.score) == (verdict, score)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("which parcel is it?", Verdict.WARN),
        ("your parcel left today", Verdict.STOP),
        ("which parcel is it?!", Verdict.STOP),
    ],
)
def test_a_cool_reply_that_asks_or_offers_something_is_only_worth_a_look(text: str, verdict: Verdict) -> None:
    report = headed(0.1, known=f"{PLAIN} which is it").check(text, channel="x", mood="negative")

    assert report.verdict is verdict
    assert "cold" in [finding.rule for finding in report.findings]


def test_what_only_the_head_sees_is_shown_at_its_worst_sentence() -> None:
    said = headed(0.1, known=PLAIN).check(PLAIN, channel="x", mood="neutral").findings

    assert [(finding.start, finding.end, finding.message) for finding in said] == [
        (0, len(PLAIN), "It reads unlike what we send: say it more politely.")
    ]


def test_hints_are_shown_only_where_nothing_weightier_says_why() -> None:
    hinted = "It is REALLY on its way"
    known = hinted.lower()

    def rules(chance: float, text: str) -> list[str]:
        report = headed(chance, known=known).check(text, channel="x", mood="neutral")
        return [finding.rule for finding in report.findings]

    assert rules(0.9, hinted) == []
    assert rules(0.5, hinted) == ["capitals"]
    assert rules(0.5, f"{hinted}?!") == ["marks"]
    assert rules(0.1, f"{hinted}?!") == ["capitals", "marks"]


def test_at_most_twenty_findings_are_shown_from_the_first_on() -> None:
    report = ToneModel.rules_only().check("ok?! " * 30, channel="x", mood="neutral")

    assert [finding.start for finding in report.findings] == [2 + 5 * n for n in range(20)]


def facts_of(text: str, **about: str) -> dict[str, float]:
    return dict(ToneModel.rules_only().read(text, **about).facts)


def test_the_head_is_told_what_the_rules_saw_and_how_a_text_is_made() -> None:
    assert facts_of("I sent it to you.", mood="neutral") == pytest.approx(
        {
            "mood neutral": 1.0, "short": 1.0, "long": 5 / 200, "exclaims": 0.0, "asks": 0.0, "you": 1 / 5,
            "we": 1 / 5, "small start": 0.0, "public": 0.0,
        }
    )  # fmt: skip
    asked = facts_of("which one of our parcels is it that you and your friends ask us for?! Really?!", channel="x")
    shape = ("short", "small start", "public", "exclaims", "asks", "you", "we", "marks", "warn")
    assert [asked[name] for name in shape] == pytest.approx([0.0, 1.0, 1.0, 2 / 3, 2 / 3, 2 / 5, 2 / 5, 1.0, 1.0])
    assert facts_of("Sorry!", channel="x")["says acknowledges"] == 1.0


def test_no_fact_drowns_the_others() -> None:
    facts = facts_of("we our us i my me you your you your you your ?!?! " * 40 + "!?" * 9)

    assert max(facts.values()) == 1.0
    assert [facts[name] for name in ("long", "exclaims", "asks", "you", "we", "warn")] == [1.0] * 6


@pytest.mark.parametrize(
    ("to", "is_upset"),
    [
        ("This is ridiculous, three weeks and still no parcel!", True),
        ("I need it urgently, my train leaves in an hour, please hurry!", True),
        ("Which way did it travel?", False),
        (None, False),
    ],
)
def test_who_is_upset_or_pressed_is_read_from_the_message_where_nobody_labelled_it(
    to: str | None, is_upset: bool
) -> None:
    rules = ToneModel.rules_only()

    assert rules.read("It left today.", to=to).is_upset is is_upset
    assert rules.read("It left today.", to=to, mood="neutral").is_upset is False
    assert rules.read("It left today.", to=to, mood="negative").is_upset is True
    assert rules.read("It left today.", to=to, urgency="urgent").is_upset is True
    assert rules.read("It left today.", to=to, mood="positive", urgency="high").is_upset is False


def test_a_text_with_nothing_in_it_says_so() -> None:
    report = ToneModel.rules_only().check(" \n ", channel="x")

    assert (report.verdict, report.score) == (Verdict.STOP, 0.0)
    assert [(finding.rule, finding.start, finding.end) for finding in report.findings] == [("empty", 0, 3)]


def test_a_channels_own_limit_comes_before_everybodys_and_its_private_one_in_private() -> None:
    from care.message import Visibility

    limits = {"*": ChannelLimit(10), "x": ChannelLimit(15, in_private=200)}
    model = ToneModel.rules_only(limits=limits)

    def is_too_long(channel: str, visibility: Visibility | None = None) -> bool:
        report = model.check(PLAIN, channel=channel, mood="neutral", visibility=visibility)
        return "length" in [finding.rule for finding in report.findings]

    assert is_too_long("x")
    assert is_too_long("x", Visibility.PUBLIC)
    assert not is_too_long("x", Visibility.PRIVATE)
    assert is_too_long("chat", Visibility.PRIVATE)
    assert not ToneModel.rules_only(limits={"x": ChannelLimit(5)}).check(PLAIN, channel="chat", mood="neutral").findings


def test_the_voices_own_language_and_grade_are_asked() -> None:
    german = ToneModel.rules_only(voice=VoiceRules(language="de"))

    assert german.check(GERMAN, channel="x", mood="neutral").verdict is Verdict.SEND
    assert german.check(ENGLISH, channel="x", mood="neutral").verdict is Verdict.WARN
