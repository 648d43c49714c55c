"""One case a line: the rule, the text, and whom it goes to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    rule: str
    text: str
    channel: str = "email"
    to: str | None = None
    mood: str | None = "neutral"
    urgency: str | None = "normal"
    name: str | None = None


UPSET = "negative"

FIRES = [
    Case("profanity", "Well, shit happens."),
    Case("profanity", "What the F*ck is that?"),
    Case("insult", "You idiot, read the label."),
    Case("insult", "It's not rocket science, is it? People like you never listen."),
    Case("insult_hint", "How dumb."),
    Case("blame", "You failed to send the number."),
    Case("blame", "You should've told us."),
    Case("blame_hint", "As I said, it left on Monday."),
    Case("dismissive", "There's nothing we can do."),
    Case("dismissive", "That is not our job."),
    Case("dismissive_hint", "Just wait."),
    Case("sarcasm", "Congratulations on finally finding it."),
    Case("sarcasm_hint", "Oh really, again?"),
    Case("joke_words", "Oops, it took the scenic route!", mood=UPSET),
    Case("joke_words", "Haha, no.", mood="neutral", urgency="urgent"),
    Case("joke_hint", "What a diva of a drama, a real adventure.", mood=UPSET),
    Case("joke_emoji", "On its way 🎉", mood=UPSET),
    Case("joke_emoji", "On its way ;-)", mood=UPSET),
    Case("rude_emoji", "Sure 🙄"),
    Case("emoji", "On its way 📦 sorry", mood=UPSET),
    Case("shorthand", "Pls send the number."),
    Case("slang", "Can u send the number?"),
    Case("slang_hint", "Yeah, we can."),
    Case("internet_language", "That is lowkey sus, bruh."),
    Case("internet_hint", "Epic."),
    Case("promise_money", "We promise you a full refund."),
    Case("promise_money", "You'll get $100 cash for the trouble."),
    Case("promise_hint", "We will reimburse the taxi."),
    Case("promise_date", "I guarantee that it arrives on Friday."),
    Case("promise_date", "It'll definitely be there tomorrow."),
    Case("date_hint", "It will be fixed by Monday."),
    Case("legal_admission", "We are liable for that."),
    Case("admission_hint", "That was entirely our fault."),
    Case("internal", "Internal note: offer ten per cent at most."),
    Case("internal", "Customer claims it never came."),
    Case("internal_hint", "See the draft in Jira."),
    Case("internal_hint", "Copy/paste answer 7 here."),
    Case("open_slot", "Hello {{name}}, welcome."),
    Case("open_slot", "Dear [Customer Name], welcome."),
    Case("jargon", "Pursuant to our terms, kindly do the needful."),
    Case("jargon_hint", "The payload is idempotent on each node."),
    Case("stock_phrase", "Your call is important to us."),
    Case("worn_phrase", "Rest assured that it will be checked."),
    Case("inconvenience", "Sorry for the inconvenience."),
    Case("shouting", "PLEASE READ THE E-MAIL."),
    Case("shouting", "We have ALREADY TOLD YOU so."),
    Case("capitals", "It has ALREADY left."),
    Case("marks", "Really???"),
    Case("length", "lamp " * 80, channel="x"),
    Case("wrong_name", "Hi Peter, it is here.", to="Where is it? Thanks, Maria"),
    Case("wrong_name", "Dear Mr Collins, it is here.", name="Anita Brown"),
    Case(
        "wrong_language",
        "Wir haben Ihre Lampe und sie ist auf dem Weg zu Ihnen.",
        to="Where is the lamp that I ordered from you?",
    ),
    Case(
        "reading_grade",
        "Notwithstanding considerable organisational difficulties concerning international transportation, the "
        "responsible administrative department anticipates satisfactory resolution of outstanding contractual "
        "obligations regarding replacement merchandise, provided that additional documentation substantiating "
        "ownership is submitted immediately.",
    ),
    Case("cold", "It was delivered.", mood=UPSET),
    Case("promotion", "I'm sorry about that. Check out our new collection!", to="The lamp is broken", mood=UPSET),
    Case("promotion", "Use code HAPPY10 for 10% off your next order!", to="Where is it?"),
]

QUIET = [
    Case("profanity", "Our shiitake soup is hot, and class begins at six in Scunthorpe."),
    Case("insult", "There are no stupid questions. You are not being difficult."),
    Case("insult", "You can recycle it with the trash, and you're entitled to a refund."),
    Case("blame", "You should have received an e-mail. It is not your fault."),
    Case("blame", "Sorry that you were told something else."),
    Case(
        "dismissive", "You're not the only one, and there is something we can do. When it happens again, write to us."
    ),
    Case("sarcasm", "Congratulations to you two! Thank you for telling us."),
    Case("joke_words", "Haha, your cat has good taste!", mood="positive"),
    Case("joke_words", "That is no joke, and I'm sorry. I'll get it replaced.", mood=UPSET),
    Case("joke_emoji", "Thank you 🎉", mood="positive"),
    Case("joke_emoji", "I'm so sorry 😔", mood=UPSET),
    Case("rude_emoji", "Thank you 😊"),
    Case("slang", "You can return it in the U.S. and the U.K."),
    Case("internet_language", "We are based in Leeds. A cup of tea?"),
    Case("promise_money", "We can't promise a refund; our billing team decides."),
    Case("promise_money", "You can pay for all orders by card."),
    Case("promise_date", "We cannot guarantee Friday. According to the carrier it should arrive by Monday."),
    Case("date_hint", "It should be delivered by Monday, the carrier's estimate says."),
    Case("legal_admission", "I have passed your letter to our legal team."),
    Case("internal", "Our customer service is happy to help, and this customer area is open to you."),
    Case("open_slot", "The code is AB_12 and the size is [M]. Write {} if you like."),
    Case("jargon", "Please change the DNS settings in your account."),
    Case("stock_phrase", "Thank you for calling. Your order is important for the party, I know."),
    Case("shouting", "The LHR to OSL flight, the USB-C cable and the FAQ are all fine. *TMB"),
    Case("marks", "Really? Yes!"),
    Case("length", "lamp " * 80, channel="email"),
    Case("length", "see https://lumofinch.example/" + "a" * 300, channel="x"),
    Case("wrong_name", "Hi Maria, it is here.", to="Where is it? Thanks, Maria"),
    Case("wrong_name", "Hi there, it is here.", name="Maria"),
    Case("wrong_name", "Dear Ms Brown, it is here.", name="Anita Brown"),
    Case("wrong_name", "Hi Alex, it is here.", name="Alexander"),
    Case("wrong_language", "Ihr Paket ist da und Sie haben es bald.", to="Wo ist mein Paket und wann ist es bei uns?"),
    Case(
        "reading_grade",
        "It left us on Monday. The courier has it. You can see where it is with the link in your e-mail. " * 2,
    ),
    Case("cold", "I'm sorry, that must be annoying. It was delivered.", mood=UPSET),
    Case("cold", "It was delivered.", mood="neutral"),
    Case("promotion", "As an apology, 10% off your next order is on your account.", to="Two weeks late"),
    Case("promotion", "Our summer sale runs until 31 July.", to="When does your sale end?"),
]
