"""Premises: what a play takes to be so, such as that something was ordered; it is offered only where that is supported.

A play names them under `assumes:`, and those that speak against it under `unless:`. A premise is supported by words of
the customer, by words of ours, by a number that was found, or by a label that is likely enough.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from care.cues import QUESTION_MARK, cues_of_shape
from care.phrases import PhraseBook
from care.ports import Assessment

LIKELY, SURE = 0.5, 0.8
"""From these probabilities on a label supports a premise: one of how a message is meant, and one of its subject."""
DOUBTFUL = 0.3
"""From this probability on a message is perhaps not said to us, or by somebody upset."""


@dataclass(frozen=True, slots=True)
class Premise:
    """What supports one premise; one of these is enough.

    said: words in this message. told: words anywhere in the conversation, of either side. last: words in what we wrote
    last. shown: kinds of value that the customer gave, and labels.
    """

    said: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    shown: frozenset[str] = frozenset()


def _words(written: str) -> tuple[str, ...]:
    """Phrases written with a comma between two of them, in the language of care/phrases.py."""
    return tuple(phrase.strip() for phrase in written.split(","))


PREMISES: Mapping[str, Premise] = {
    # Something was ordered, booked or sent.
    "order": Premise(
        told=_words(
            "order*, preorder*, parcel*, package*, deliver*, ship, shipped, shipping, shipment, courier*, driver,"
            "tracking, dispatch*, booking*, booked, purchase*, bought, item, items, post, mailed, arrive*, arriving,"
            "box, sent, receive*, received, swap"
        ),
        shown=frozenset(
            {"order_number", "parcel_number", "order_status", "order_change", "delivery_problem", "delivery_question"}
        ),
    ),
    # Money was charged or paid, or is asked for.
    "charge": Premise(
        told=_words(
            "charge*, charging, bill*, billing, invoice*, paid, pay, payment*, refund*, money, fee, fees, debit*,"
            "price, overcharg*, deposit, cost*, card, cards, checkout, declined, double, twice, discount*, offer*,"
            "cheap*, fare, much, euro*, pound*, dollar*, <money>"
        ),
        shown=frozenset({"amount", "billing_problem", "payment_failed", "price_question"}),
    ),
    # Somebody tries to get into an account.
    "signing_in": Premise(
        told=_words(
            "log in, log into, logging in, logged out, login, sign in, signing in, sign on, password*, passcode, pin,"
            "locked out, get in, get into, can't access, account, reset ... link, verification, code"
        ),
        shown=frozenset({"account_access"}),
    ),
    # Somebody travels.
    "journey": Premise(
        told=_words(
            "flight*, flying, fly, plane, train*, bus, buses, coach, tram, ferry, airport, station, platform, gate,"
            "boarding, board, trip, journey, travel*, landed, luggage, bag, bags, baggage, seat*, crew, connection,"
            "delay*, runway, tarmac"
        ),
        shown=frozenset({"travel_disruption"}),
    ),
    # A thing was lost or left behind.
    "lost": Premise(
        told=_words("lost, left, forgot*, forgotten, lose, misplaced, missing, found, behind, mislaid"),
        shown=frozenset({"lost_property"}),
    ),
    # Something was bought that can be given back.
    "goods": Premise(
        told=_words(
            "return, returns, returning, returned, send ... back, sent ... back, exchange, swap, money back, refund*,"
            "give ... back, bring ... back, take ... back, doesn't fit, wrong size"
        ),
        shown=frozenset({"return_refund"}),
    ),
    # A service can be down, for more than one person.
    "service": Premise(
        told=_words(
            "down, outage*, offline, internet, broadband, wifi, network, signal, service, server*, site, website,"
            "connection, power, electricity, water, tv, channel*, app, email, mail, phone*, line, lines, cloud, calls,"
            "stream*, unreachable"
        ),
        shown=frozenset({"outage"}),
    ),
    # We asked them last to write where nobody else reads it; and they say that they did.
    # Who says outright that a message went there needs no request of ours before it.
    "asked_private": Premise(
        last=_words("direct message, dm, dms, pm, private message, messenger, inbox, message us"),
        said=_words(
            "dm/dms/pm/pms sent, dm'd/dmed/dm'ed/pm'd/pmed you/u/them/it/again, sent ... dm/dms/pm/pms,"
            "sent ... direct/private message/messages, messaged you/u, inboxed you/u, in your dm/dms/inbox,"
            "check your dm/dms/inbox/messages"
        ),
    ),
    "wrote_private": Premise(
        said=_words(
            "sent, dm, dm'd, dmed, dm'ed, dms, pm'd, messaged, inboxed, just did, did, done, have done, in your inbox"
        )
    ),
    # We told them last what to try.
    "gave_step": Premise(
        last=_words(
            "try, trying, tried a/an/another/the/to/turning/using, restart*, reboot*, reinstall*, uninstall*, unplug*,"
            "plug, reset*, update the/your/to, updating, clear*, switch ... off, turn ... off, turn ... on, off and on,"
            "check your/that/if/whether, delete*,"
            "log out/in, sign out/in, sign back, pull, hold down, press and hold, power cycle*"
        )
    ),
    # They did what we said; it did not help; they wait for a word of ours.
    "did": Premise(
        said=_words(
            "^done, ^did, i did, have done, done that/it/so/this, did that/it/this/so, just did,"
            "already tried/did/done,"
            "have tried/restarted/rebooted/reinstalled/updated/reset/unplugged,"
            "i tried/restarted/rebooted/reinstalled/updated/reset/unplugged,"
            "^tried/restarted/rebooted/reinstalled/updated"
        )
    ),
    "failed": Premise(
        said=_words(
            "not help/helped/helping, not work/worked/working, not fix/fixed/solve/solved/change/changed,"
            "no luck/joy/change/difference/success/effect/improvement,"
            "still nothing/not/no/down/broken/cannot/unable/getting/happening/happens/says/does/crashing/crashes,"
            "it/its/it's/they/which still, did/done/tried/restarted/rebooted/reinstalled/updated ... still,"
            "work/works/worked/working only/half/sometimes/intermittently, only works/worked,"
            "still the same, same problem/issue/thing/error/result/message/story, same again,"
            "nothing changed/changes/happened/happens/works/helps,"
            "keeps happening/doing/crashing/freezing/failing/dropping, happening again, to no avail, ^nope"
        )
    ),
    "waits": Premise(
        said=_words(
            "^still nothing, still waiting/no/not, any/an/no news/update/updates/progress/word, nothing yet,"
            "nothing so far,"
            "heard nothing, not heard, no reply/answer/response, nobody called/contacted/replied/answered/responded,"
            "nobody has called/contacted/replied/answered/responded, no one called/contacted/replied/answered,"
            "no one has called/contacted/replied/answered, how much longer"
        )
    ),
    # We offered more help last; and they need none.
    "offered_more": Premise(last=_words("anything else, any other, any more questions, something else, need more")),
    "wants_no_more": Premise(
        said=_words("no, nope, nah, nothing, thanks, thank, thx, everything, cheers, that's all, thats all, all good")
    ),
    # They say that they will try, and tell us.
    "will_try": Premise(
        said=_words(
            "will try, i'll try, ill try, gonna try, going to try, let you know, will do, keep you posted, will check,"
            "i'll check, i'll have a look, will give it a go, i'll give it"
        )
    ),
    # What was wrong is put right.
    "solved": Premise(
        said=_words(
            "sorted, works now, working now, it's working, its working, it/all/everything is working, working again,"
            "works again, it works$, it works fine/great/perfectly/well/like, already handled/settled/dealt/done,"
            "no longer need*/necessary, never mind$, nevermind$, problem/issue solved/fixed/resolved, all fixed,"
            "back now, it's back, is back, back up, fixed it, fixed itself, that worked,"
            "did the trick, that did it, ignore me, figured it out, found it$, i'm in, got it working, got it running,"
            "running again,"
            "all good, solved it, solved this, solved now, is resolved, been resolved, resolved now, has arrived,"
            "it arrived, just arrived, turned up, got here, downloaded/loaded/installed/loads/downloads now"
        ),
        shown=frozenset({"solved"}),
    ),
    # Something was in the food, or it is spoilt.
    "spoiled": Premise(
        said=_words(
            "mould, mold, mouldy, moldy, maggot*, cockroach*, rancid, past its/their/the date,"
            "rotten/spoiled/spoilt food/meat/chicken/fish/fruit/veg*/egg/eggs/milk/cheese/salad/apples/bananas,"
            "food/meat/chicken/fish/fruit/eggs/milk/cheese/cream/salad ... off/rotten/spoiled/spoilt,"
            "hair/hairs/bone/bones/insect*/bug/bugs/worm/worms/glass/plastic/metal/screw/stone/nail/wire/slug"
            " ... in/inside my/the/this/our/your/a"
            " food/meal/burger/salad/soup/coffee/drink/bowl/burrito/sandwich/pizza/bread/cereal/muesli/yoghurt/yogurt"
            "/jam/tin/jar/packet/chips/fries/chicken/curry/rice/pasta/chocolate/taco/cake/sauce/crisps"
        )
    ),
    # It is perhaps not said to us.
    "others": Premise(shown=frozenset({"not_us"})),
    # They are perhaps upset.
    "upset": Premise(shown=frozenset({"perhaps_upset"})),
    # They are perhaps glad.
    "glad": Premise(shown=frozenset({"perhaps_glad"})),
    # They are likely glad, and of no complaint.
    "pleased": Premise(shown=frozenset({"likely_glad"})),
    # It is perhaps an advertisement; and somebody was told that we are sorry, so that joy may be mockery.
    "promotion": Premise(shown=frozenset({"perhaps_promotes"})),
    "apology": Premise(told=_words("sorry, apologise*, apologize*, apology, apologies")),
    # They have some trouble to tell of.
    "trouble": Premise(
        said=_words(
            "still, waiting, never, nobody, no one, broken, wrong, lost, missing, late, refund, help, not working,"
            "doesn't work, not good, terrible, worst, awful, useless, ridiculous, disappoint*, annoy*, fed up"
        ),
        shown=frozenset({"reports", "vents"}),
    ),
    # They report, ask, or thank.
    "reports": Premise(shown=frozenset({"reports"})),
    "asks": Premise(shown=frozenset({"asks", QUESTION_MARK})),
    "thanks": Premise(said=_words("thank, thanks, thankyou, thx, cheers, ta, tysm, ty"), shown=frozenset({"thanks"})),
    # It is put as a question, not as a request.
    "question": Premise(
        said=_words(
            "how, what, whats, when, where, why, who, whose, which,"
            "^is/are/do/does/did/can/could/will/would/has/have/any,"
            "^hi/hey/hello/so/and/but/also is/are/do/does/did/can/could/will/would/has/have/any"
        ),
        shown=frozenset({QUESTION_MARK}),
    ),
}


_BOOK = PhraseBook(
    {
        f"{name}.{where}": phrases
        for name, premise in PREMISES.items()
        for where, phrases in (("said", premise.said), ("told", premise.told), ("last", premise.last))
    }
)
# Whom a message is addressed to is no part of its first sentence.
_ADDRESSED = re.compile(r"\s*(?:\.?@\w+\W+)*")
_TO_ONE = re.compile(r"\s*\.?@\w+\b(?!.*@\w)", re.DOTALL)
"""A message that begins with one account and names no other."""


_SUBJECTS = ("order", "charge", "signing_in", "journey", "goods", "service", "spoiled")
"""Premises that a text of ours takes to be so when it speaks of them."""


def premises_told(text: str) -> frozenset[str]:
    """What a text that nobody wrote premises for speaks of, and so takes to be so."""
    told = _BOOK.keys_in(text)
    return frozenset(name for name in _SUBJECTS if f"{name}.told" in told or f"{name}.said" in told)


def premises_of(assessed: Assessment, told: Iterable[str]) -> frozenset[str]:
    """The premises that text, thread or labels support. told: kinds of value that the customer has given us."""
    text = _ADDRESSED.sub("", assessed.message.text, count=1)
    last = next((turn.text for turn in reversed(assessed.thread) if not turn.by_customer), "")
    said, before = _BOOK.keys_in(text), _BOOK.keys_in("\n".join(turn.text for turn in assessed.thread))
    asked = _BOOK.keys_in(last)
    shown = frozenset((*told, *cues_of_shape(text), *_labels(assessed)))
    return frozenset(
        name
        for name, premise in PREMISES.items()
        if f"{name}.said" in said
        or f"{name}.told" in (said | before)
        or f"{name}.last" in asked
        or not premise.shown.isdisjoint(shown)
    )


def _labels(assessed: Assessment) -> Iterator[str]:
    """What the classifier holds for likely, and what makes us doubt."""
    for task, judgement in assessed.classification.tasks.items():
        least = SURE if task == "intent" else LIKELY
        yield from (candidate.label for candidate in judgement.candidates if candidate.score >= least)
    # Who writes to one account, and names no other, is less likely to speak to somebody else.
    least = LIKELY if _TO_ONE.match(assessed.message.text) else DOUBTFUL
    if _chance(assessed, "addressed", ("others", "nobody")) >= least:
        yield "not_us"
    if _chance(assessed, "sentiment", ("negative", "very_negative")) >= DOUBTFUL:
        yield "perhaps_upset"
    glad = _chance(assessed, "sentiment", ("positive", "very_positive"))
    glad = max(glad, _chance(assessed, "intent", ("praise",)))
    if glad >= DOUBTFUL:
        yield "perhaps_glad"
    if glad >= LIKELY and assessed.situation.kind != "complaint":
        yield "likely_glad"
    if _chance(assessed, "act", ("promotes",)) >= DOUBTFUL:
        yield "perhaps_promotes"


def _chance(assessed: Assessment, task: str, labels: Collection[str]) -> float:
    """How probable it is that a task has one of these labels; 0 where nothing reads it."""
    judgement = assessed.classification.tasks.get(task)
    return sum(candidate.score for candidate in judgement.candidates if candidate.label in labels) if judgement else 0.0
