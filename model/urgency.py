"""What must never be missed: reviewed rules that can raise an urgency, never lower it, and always give their name.

The trained head reads the tone of a message; these read for danger. Each rule has a floor, words that mean it, and
words that mean something else in the same place.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

LEVELS = ("low", "normal", "high", "urgent")


@dataclass(frozen=True, slots=True)
class UrgencyRule:
    """floor: the least urgency once it fires. unless: what takes it back."""

    name: str
    floor: str
    words: re.Pattern[str]
    unless: re.Pattern[str] | None = None


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile(r"(?<!\w)(?:" + "|".join(phrases) + r")(?!\w)", re.IGNORECASE)


_FIGURATIVE = _any(
    r"(?:battery|delivery|app|game|deal|price|sale|look|looks|outfit|beat|trainers?|shoes?) (?:is|are|was) "
    r"(?:fire|sick)",
    r"killing it",
    r"kill(?:ed|s)? (?:my|the) (?:mood|vibe|battery|app|process|time)",
    r"(?:on|this is) fire\W*(?:🔥)?(?: sale| deal)",
    r"fire (?:sale|stick|tv|tablet|hd|pit|place)",
    r"dying (?:to|of laughter|laughing)",
    r"to die for",
    r"die laughing",
    r"burn(?:s|ed|ing)? (?:a )?(?:cd|dvd|calories|through|hole in my (?:pocket|wallet))",
)

RULES: tuple[UrgencyRule, ...] = (
    UrgencyRule(
        "self_harm",
        "urgent",
        _any(
            r"(?:kill|hurt|harm|cut(?:ting)?) (?:myself|my self)",
            r"suicid\w+",
            r"end (?:my|it all|my own) life|end it all",
            r"(?:do(?: not|n'?t)|no longer) want to (?:live|be alive|be here any ?more)",
            r"want to die",
            r"better off (?:dead|without me)",
            r"no reason to (?:live|go on)",
        ),
        _any(r"suicide (?:squad|doors?)"),
    ),
    UrgencyRule(
        "danger_to_people",
        "urgent",
        _any(
            r"caught fire|on fire|in flames|burst into flames|set (?:itself )?on fire|fire in (?:my|the|our)",
            r"smok(?:e|ing) (?:is )?(?:coming )?(?:from|out of|pouring)|started smoking|is smoking",
            r"explod(?:ed|es|ing)|exploded",
            r"(?:smell(?:s|ed|ing)?(?: of| like)? )?gas (?:leak\w*|smell)|smell(?:s|ing)?(?: of| like)? gas|"
            r"leaking gas",
            r"carbon monoxide",
            r"electrocut\w+|electric(?:al)? shock|got (?:a )?shock(?:ed)? (?:from|off|when)|live wires?",
            r"sparks? (?:coming|fl(?:y|ies|ew|ying)|out of|from)|sparking",
            r"(?:got|was|been|badly|is|are) (?:burn(?:ed|t)|injured|poisoned|choking|bleeding|electrocuted)",
            r"burn(?:ed|t) (?:my|his|her|our|their|the) (?:hand|hands|face|arm|leg|finger|fingers|skin|kid|"
            r"son|daughter|baby)",
            r"(?:my|our) (?:child|kid|son|daughter|baby|toddler|dog|cat|wife|husband|mother|father|mum|mom|"
            r"dad|grand\w+)\b"
            r".{0,60}(?:hospital|choked|choking|swallowed|bleeding|unconscious|poison\w*|allergic|burn(?:ed|"
            r"t)|can(?:no|')t breathe)",
            r"allergic reaction|anaphyla\w+|epi ?pen|can(?:no|')?t breathe|trouble breathing",
            r"food poisoning|(?:broken |shards? of |pieces? of )?glass in (?:my|the|our|his|her)|metal in "
            r"(?:my|the|our)",
            r"(?:taken|rushed|went|going|ended up|am|is) (?:to|in|at) (?:the )?(?:hospital|emergency room|er|a&e)",
            r"ambulance|call(?:ed|ing)? (?:911|999|112)",
            r"brakes? (?:failed|fail|do(?:es)?n'?t work|not working|stopped working|gave out)|no brakes",
            r"battery (?:is )?(?:swollen|swelling|bulging|leaking|melt\w*)|melt(?:ed|ing) (?:plug|charger|"
            r"cable|socket)",
            r"trapped (?:in|inside)|stuck in (?:the|an|your) (?:lift|elevator)",
            r"bomb|gunman|armed|threaten(?:ed|ing|s)? to (?:kill|hurt|shoot|stab)",
            r"carbon ?monoxide|toxic fumes|chemical burn",
        ),
        _FIGURATIVE,
    ),
    UrgencyRule(
        "fraud_in_progress",
        "urgent",
        _any(
            r"(?:someone|somebody|they|a stranger|hackers?|thief|scammers?) (?:is|are|has|have|'s|just|keeps?|"
            r"got)?\s?"
            r"(?:just )?(?:been )?(?:using|stolen|stole|steal\w*|spen(?:t|ding)|hacked|hacking|emptying|"
            r"emptied|drain\w+|"
            r"withdr\w+|transferr\w+|took over|taken over|logged in(?:to)?|order(?:ed|ing)|buying|bought) .{0,30}"
            r"(?:my|our|with my)",
            r"(?:fraud\w*|unauthori[sz]ed|suspicious) (?:\w+ ){0,2}(?:transactions?|charges?|payments?|"
            r"withdrawals?|transfers?|orders?|activity|purchases?)",
            r"(?:transactions?|charges?|payments?|withdrawals?|purchases?|transfers?) (?:that )?i (?:did "
            r"?n[o']?t|never) (?:make|made|authori[sz]e\w*|approve\w*)",
            r"(?:card|account|identity|phone|wallet|bank details) (?:was |has been |got |were |is |just "
            r")?(?:been )?(?:stolen|hacked|compromised|cloned)",
            r"stol(?:e|en) (?:my )?(?:credit |debit |bank )?(?:card|account|identity)",
            r"(?:i|just|been|being|got|was|am) (?:been )?(?:scammed|hacked|phished|defrauded)",
            r"money (?:is )?(?:disappearing|vanish\w+|being taken|leaving my account)",
        ),
    ),
    UrgencyRule(
        "security_breach",
        "urgent",
        _any(
            r"data (?:breach|leak\w*)|security (?:breach|hole|vulnerability|flaw|incident)|leaked (?:data|"
            r"passwords?|customer)",
            r"(?:can|could|able to) see (?:other|another|someone else'?s|somebody else'?s|a stranger'?s) "
            r"(?:people'?s |person'?s |customers?'?s? |users?'?s? )?(?:\w+ )?(?:data|orders?|accounts?|"
            r"details|messages|addresses|invoices?|cards?|name)",
            r"(?:logged|signed) (?:me )?in(?:to)? (?:as )?(?:someone|somebody|another) (?:else|person|customer)",
            r"(?:someone|somebody) else'?s (?:account|details|data|address|order history|card|personal)",
            r"(?:sql injection|xss|remote code|exposed (?:database|api key|bucket)|passwords? in plain ?text)",
        ),
    ),
    UrgencyRule(
        "legal_threat",
        "urgent",
        _any(
            r"(?:my |our |a )?(?:lawyers?|attorneys?|solicitors?|legal team)(?: will| is| are|'ll| has| have|\b)",
            r"(?:legal|court) (?:action|proceedings|case)|small claims|class action|take (?:you|this|them) to "
            r"court|see you in court",
            r"su(?:e|ing) (?:you|them|this|your|the)|law ?suit|litigation",
            r"(?:report|reporting|reported|complain\w*|complaint) .{0,25}(?:ombudsman|trading standards|"
            r"regulator|ftc|fca|cfpb|bbb|ofcom|ofgem|attorney general|police|data protection)",
            r"ombudsman|trading standards|letter before action|cease and desist",
        ),
        _any(
            r"(?:your|are you|do you|i'?m a|i am a|become|hire|hiring|job) .{0,20}(?:lawyers?|attorneys?) "
            r"?(?:team)?\?"
        ),
    ),
    UrgencyRule(
        "press",
        "urgent",
        _any(
            r"(?:i'?m|i am|we'?re|we are|this is|speaking) .{0,20}(?:journalist|reporter|producer|"
            r"correspondent|editor)",
            r"(?:journalist|reporter|correspondent|producer) (?:at|for|from|with) ",
            r"(?:press|media) (?:enquiry|inquiry|request|deadline|comment|statement)|request for comment|"
            r"comment (?:on|for) (?:a|our|my) (?:story|article|piece)",
            r"(?:going|go|talk\w*|contact\w*|speak\w*|tell\w*|writing) (?:to|with) (?:the )?(?:press|media|"
            r"newspapers?|news|bbc|cnn|tv)",
            r"running (?:a|the|this) (?:story|article|piece)|publish(?:ing)? (?:a|the|this|our) (?:story|"
            r"article|piece)",
        ),
    ),
    UrgencyRule(
        "outage",
        "high",
        _any(
            r"(?:is|are|seems?|all|completely|totally|whole) (?:\w+ )?(?:down|offline) (?:for (?:everyone|"
            r"everybody|all|us|me|anyone|hours)|again|in|since|nationwide|everywhere|right now|today)",
            r"(?:site|website|app|server|servers|service|network|system|internet|signal|platform|api|"
            r"checkout) (?:is |are |has been |went |seems |keeps going )?(?:completely |totally |all "
            r")?(?:down|offline|unreachable)",
            r"(?:nation ?wide|city ?wide|major|massive|huge|total|complete|another|power|service|network|"
            r"system) outages?|outage|blackout",
            r"no (?:internet|signal|power|service|connection|electricity|water|heating|network) (?:since|for|"
            r"in|here|anywhere|at all|whole|across|again)",
            r"(?:nobody|no one|none of us|everyone|everybody|whole (?:street|town|village|office|team|company|"
            r"building)|our entire \w+) .{0,30}(?:can(?:no|')?t|cannot|no|without|unable|lost|offline)",
        ),
    ),
    UrgencyRule(
        "stranded_now",
        "high",
        _any(
            r"stranded|stuck at (?:the )?(?:airport|station|gate|border|hotel|terminal)",
            r"(?:flight|train|boarding|gate|bus|ferry|check-?in|wedding|funeral|surgery|interview|exam) "
            r"(?:\w+ ){0,3}(?:in|within) (?:\d+|an?|one|two|three|half an?) ?(?:min\w*|h(?:ou)?rs?|h)",
            r"locked out of (?:my|our|the) (?:house|home|flat|apartment|car|room|hotel)",
        ),
    ),
)

_NEGATED = re.compile(
    r"(?:\bno|\bnot|n't|\bnever|\bwithout|\bnobody was|\bfree of|\bprevents?|\bavoid)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)


def rules_of(text: str) -> tuple[UrgencyRule, ...]:
    """The rules that fire on a normalised text, in the order of this file."""
    fired = []
    for rule in RULES:
        match = rule.words.search(text)
        if match is None or (rule.unless is not None and rule.unless.search(text)):
            continue
        if rule.floor == "urgent" and rule.name != "self_harm" and _NEGATED.search(text[: match.start()]):
            continue
        fired.append(rule)
    return tuple(fired)


def raised(label: str, fired: Sequence[UrgencyRule]) -> str | None:
    """The urgency the rules demand, when it is above `label`; None otherwise or for labels that are not ours."""
    if label not in LEVELS or not fired:
        return None
    floor = max((rule.floor for rule in fired), key=LEVELS.index)
    return floor if LEVELS.index(floor) > LEVELS.index(label) else None
