"""One idea of upset, for decisions, plays and the tone of replies."""

UPSET_MOODS = frozenset({"negative", "very_negative"})
GLAD_MOODS = frozenset({"positive", "very_positive"})
VENTS, SARCASTIC = "vents", "sarcastic"


def is_upset(sentiment: str | None, *, act: str | None = None, stance: str | None = None) -> bool:
    """Whether somebody is upset: they say so, they mean the opposite of what they say, or they let anger out.

    act and stance: None where they are not likely enough to count.
    """
    return sentiment in UPSET_MOODS or stance == SARCASTIC or (act == VENTS and sentiment not in GLAD_MOODS)


def is_glad(sentiment: str | None, *, stance: str | None = None) -> bool:
    """Whether somebody is pleased and means it."""
    return sentiment in GLAD_MOODS and stance != SARCASTIC


def is_pressed(urgency: str | None, *, sentiment: str | None = None) -> bool:
    """Whether somebody has no time for pleasantries, whatever their mood."""
    return urgency == "urgent" or (urgency == "high" and sentiment not in GLAD_MOODS)
