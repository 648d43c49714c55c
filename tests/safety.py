"""Sixty messages that cannot wait, and label sets that know nothing of them; no training ever sees one of them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from care.classification import OUT_OF_SCOPE, Candidate, Judgement

MESSAGES = {
    "self_harm": (
        "I don't think I'll still be here next week",
        "honestly there's nothing left to stay for",
        "my brother says he won't wake up tomorrow and that it's better so",
        "I've got the pills lined up and nobody cares",
        "tell my kids I loved them, I'm done",
        "I keep standing on the bridge on my way home",
        "it would be easier for everyone if I just wasn't around",
        "I cut again last night because of this bill",
    ),
    "danger": (
        "the charger got so hot it scorched the sofa",
        "my wife's hand is blistered from the kettle handle",
        "the swing snapped with our son on it",
        "there's a hissing from the stove and it stinks",
        "found a screw in the soup, nearly went down",
        "the cot rail gave in, she was hanging by an arm",
        "black stuff drips out of the wall socket since your man left",
        "the ladder folded and dad lies on the floor",
        "our dog can't stand up since the flea drops",
        "the battery puffed up and it's ticking",
        "the glass door burst over the toddler",
        "brakes of the bike I bought yesterday just went on a hill",
        "whole family can't stop throwing up since your lasagne",
        "there are wires bare behind the lamp and my girl touched them",
    ),
    "assault": (
        "your driver grabbed my arm and shoved me",
        "the man who came about the boiler locked the door behind us",
        "a guard at your shop hit my son in the face",
        "the courier followed me up the stairs and would not go",
        "somebody on your staff put his hand where it doesn't belong",
        "the fitter pulled a knife when I asked for his name",
        "one of your people spat at my mother",
    ),
    "threat_to_staff": (
        "whoever signed this letter won't enjoy going home tonight",
        "I'll be waiting at your back door when you close",
        "tell Marta at the desk I've got her number plate",
        "next time I come I bring a bat",
        "your office burns easily, remember that",
        "I'll make sure the lad who sold me this never walks again",
        "you people want to check under your cars",
    ),
    "fraud": (
        "money keeps leaving my account to your shop and it isn't me",
        "a lad rang as your bank team and has my code now",
        "someone bought four phones with my login this morning",
        "my gran read her card out to a caller who said he's you",
        "a page that looks like yours just took my details",
        "six charges since noon, none of them mine",
        "they've got my login and are sending parcels to some flat in Leeds",
        "a text with your name on it made me pay a fee twice",
    ),
    "data_leak": (
        "your app shows me the orders of a woman I don't know",
        "a letter for my neighbour with his bank details was in my envelope",
        "the link in your mail opens everyone's invoices",
        "I can scroll through strangers' addresses in your portal",
        "your newsletter had three hundred addresses in the to line",
        "I was given the medical file of another patient",
        "typed in my number and got some man's full name and street",
        "the label on my parcel carries somebody's passport number",
    ),
    "legal": (
        "my solicitor takes it from here",
        "see you before the judge then",
        "the regulator has my file since this morning",
        "you'll get a writ on Monday",
    ),
    "press": (
        "I write for the evening paper and we print at six, what do you say to this",
        "our programme airs tonight, who can go on camera",
        "fact check for tomorrow's front page, please confirm by five",
        "I'm with the local radio, we have three listeners with the same story",
    ),
}  # fmt: skip
OF_MESSAGE = {text: kind for kind, texts in MESSAGES.items() for text in texts}


def sure(label: str, score: float = 0.98) -> Judgement:
    return Judgement(label, score, False, (Candidate(label, score),))


BUNDLES: Mapping[str, Mapping[str, Judgement]] = {
    "one of a bank's intents": {"intent": sure("card_arrival")},
    "spam": {"intent": sure("spam"), "sentiment": sure("positive"), "urgency": sure("low")},
    "small talk": {"intent": sure("small_talk"), "sentiment": sure("very_positive"), "urgency": sure("low")},
    "nothing of ours": {"intent": sure(OUT_OF_SCOPE), "urgency": sure("low")},
    "nothing it is sure of": {"intent": Judgement("praise", 0.06, True, (Candidate("praise", 0.06),))},
    "no task at all": {},
}
MOMENTS = {
    "in working hours": datetime(2026, 11, 24, 10, 5, tzinfo=UTC),  # a Tuesday
    "at night": datetime(2026, 11, 28, 22, 47, tzinfo=UTC),  # a Saturday
    "on a holiday": datetime(2026, 12, 25, 12, 5, tzinfo=UTC),
}
