"""Premises: what a play takes to be so, such as that there is an order; it is offered only where something says it.

A play names them under `assumes:`. Each is supported by words of the customer, in this message or before it, by words
of ours, by a number that was found, or by a label that is likelier than not. What nobody said is not assumed.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from care.cues import phrases, plain
from care.ports import Assessment

LIKELY, SURE = 0.5, 0.8
"""From these probabilities on a label supports a premise: one of how a message is meant, and one of its subject."""


@dataclass(frozen=True, slots=True)
class Premise:
    """What supports one premise. said: words of the customer, now; told: now or before, by either side.

    last: words of what we wrote last. known: kinds of value found in the conversation. labels: of how it is meant.
    intents: of what it is about, once they are sure.
    """

    said: re.Pattern[str] | None = None
    told: re.Pattern[str] | None = None
    last: re.Pattern[str] | None = None
    known: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    intents: frozenset[str] = frozenset()

    def is_supported(self, text: str, thread: str, last: str, found: Collection[str]) -> bool:
        return bool(
            (self.said and self.said.search(text))
            or (self.told and (self.told.search(text) or self.told.search(thread)))
            or (self.last and self.last.search(last))
            or not (self.known | self.labels | self.intents).isdisjoint(found)
        )


_NUMBERS = frozenset({"order_number", "parcel_number"})
PREMISES: Mapping[str, Premise] = {
    # Something was ordered, booked or sent.
    "order": Premise(
        told=phrases(
            "order* preorder* parcel* package* deliver* ship shipped shipping shipment courier* driver tracking dispatch*"
            " booking* booked purchase* bought item items post mailed arrive* arriving box sent receive* received swap".split()
        ),
        known=_NUMBERS,
        intents=frozenset({"order_status", "order_change", "delivery_problem", "delivery_question"}),
    ),
    # Money was charged, paid or promised back.
    "charge": Premise(
        told=phrases(
            "charge* charging bill* billing invoice* paid pay payment* refund* money fee fees debit* price overcharg*"
            " deposit cost* card cards checkout declined double twice discount* offer* cheap* fare much euro* pound* dollar* £* $* €*".split()
        ),
        known=frozenset({"amount"}),
        intents=frozenset({"billing_problem", "payment_failed", "price_question"}),
    ),
    # Somebody tries to get into an account.
    "signing_in": Premise(
        told=phrases(
            ["log in", "log into", "logging in", "logged out", "login", "sign in", "signing in", "sign on", "password*",
             "passcode", "pin", "locked out", "get in", "get into", "can't access", "account", "reset ... link",
             "verification", "code"]
        ),
        intents=frozenset({"account_access"}),
    ),  # fmt: skip
    # Somebody travels.
    "journey": Premise(
        told=phrases(
            "flight* flying fly plane train* bus buses coach tram ferry airport station platform gate boarding board"
            " trip journey travel* landed luggage bag bags baggage seat* crew connection delay* runway tarmac".split()
        ),
        intents=frozenset({"travel_disruption"}),
    ),
    # A thing was lost or left behind.
    "lost": Premise(told=phrases("lost left forgot* forgotten lose misplaced missing found behind mislaid".split()), intents=frozenset({"lost_property"})),
    # Something was bought that can be given back.
    "goods": Premise(
        told=phrases(
            ["return", "returns", "returning", "returned", "send ... back", "sent ... back", "exchange", "swap", "money back",
             "refund*", "give ... back", "bring ... back", "take ... back", "doesn't fit", "wrong size"]
        ),
        intents=frozenset({"return_refund"}),
    ),  # fmt: skip
    # A service is down, for more than one person perhaps.
    "service": Premise(
        told=phrases(
            "down outage* offline internet broadband wifi network signal service server* site website connection power"
            " electricity water tv channel* app email mail phone* line lines cloud calls stream* unreachable".split()
        ),
        intents=frozenset({"outage"}),
    ),
    # We asked them last to write where nobody else reads it, and they say that they did.
    "asked_private": Premise(
        last=phrases(["direct message", "dm", "dms", "pm", "private message", "messenger", "inbox", "message us"])
    ),
    "wrote_private": Premise(
        said=phrases(
            ["sent", "dm", "dm'd", "dmed", "dm'ed", "dms", "pm'd", "messaged", "inboxed", "just did", "did", "done", "have done",
             "in your inbox"]
        )
    ),  # fmt: skip
    # We told them last what to try.
    "gave_step": Premise(
        last=phrases(
            "try trying restart* reboot* reinstall* uninstall* unplug* plug reset* update* updating clear* switch turn"
            " check delete* log sign pull hold".split()
        )
    ),
    # We offered more help last.
    "offered_more": Premise(last=phrases(["anything else", "any other", "any more questions", "something else", "need more"])),
    "wants_no_more": Premise(
        said=phrases("no nope nah nothing thanks thank thx everything cheers".split() + ["that's all", "thats all", "all good"])
    ),
    # They say that they will try, and tell us.
    "will_try": Premise(
        said=phrases(
            ["will try", "i'll try", "ill try", "gonna try", "going to try", "let you know", "will do", "keep you posted", "will check",
             "i'll check", "i'll have a look", "will give it a go", "i'll give it"]
        )
    ),  # fmt: skip
    # What was wrong is put right.
    "solved": Premise(
        said=phrases(
            ["sorted", "works now", "working now", "it's working", "its working", "is working", "working again", "works again",
             "it works", "back now", "it's back", "is back", "back up", "fixed it", "fixed itself", "that worked",
             "did the trick", "that did it", "ignore me", "figured it out", "found it", "i'm in", "got it working", "got it running", "running again", "all good",
             "solved it", "solved this", "solved now", "is resolved", "been resolved", "resolved now", "has arrived", "it arrived", "just arrived", "turned up"]
        ),
        labels=frozenset({"solved"}),
    ),  # fmt: skip
    # It is said to us.
    "us": Premise(labels=frozenset({"us"})),
    # They tell us what is wrong, rather than ask.
    "reports": Premise(labels=frozenset({"reports"})),
    # They ask something.
    "asks": Premise(said=re.compile(r"\?"), labels=frozenset({"asks"})),
    # They thank us.
    "thanks": Premise(said=phrases("thank thanks thankyou thx cheers ta tysm ty".split()), labels=frozenset({"thanks"})),
    # They answer what we said.
    "answers": Premise(labels=frozenset({"answers"})),
}  # fmt: skip


def premises_of(assessed: Assessment, told: Iterable[str]) -> frozenset[str]:
    """The premises that text, thread or record supports. told: kinds of value that the customer has given us."""
    text = plain(assessed.message.text)
    thread = plain("\n".join(turn.text for turn in assessed.thread))
    last = plain(next((turn.text for turn in reversed(assessed.thread) if not turn.by_customer), ""))
    likely = (
        one.label
        for task, judged in assessed.classification.tasks.items()
        for one in judged.candidates
        if one.score >= (SURE if task == "intent" else LIKELY)
    )
    found = frozenset((*told, *likely))
    return frozenset(name for name, premise in PREMISES.items() if premise.is_supported(text, thread, last, found))
