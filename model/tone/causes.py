"""Faults that are no matter of tone: what may not be said however kindly, each found by a detector of its own.

Another person's data, money or a day promised, competitors run down, blame, advice on medicine or savings, danger
played down, secrets asked for, guilt admitted, law quoted at somebody hurt, things sold to somebody who needs help.
None of them looks at how warm a text is, and each is a stop: an agent can say the same thing so that it may go out,
and the message says how.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from care.names import is_given_name
from model.tone import promotion

PUBLIC = frozenset(("x", "twitter", "bluesky", "mastodon", "instagram", "facebook"))

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|tonight|today|the weekend|next week|this week|noon"
    r"|midday|midnight"
    rf"|lunch(?:time)?|the end of the (?:day|week|month)|the morning|this (?:morning|afternoon|evening)"
    rf"|christmas|easter"
    rf"|(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTHS})|(?:{_MONTHS}) \d{{1,2}}|\d{{1,2}}(?:[:.]\d\d)?"
    rf" ?(?:am|pm|o'clock)"
    r"|\d{1,2} ?(?:hours?|days?|minutes?|weeks?)|(?:one|two|three|four|five|a few|an|a) (?:hours?|days?|minutes?"
    r"|weeks?))"
)
_MEDICINE = (
    r"(?:medicines?|medications?|meds|pills?|tablets?|capsules|dos(?:e|es|age)|insulin|antibiotics?|blood"
    r" thinners?|warfarin"
    r"|pain ?killers?|ibuprofen|paracetamol|aspirin|anti-?histamines?|cortisone|steroids?|inhaler"
    r"|antidepressants?|statins?"
    r"|contraceptives?|the pill|sleeping aid|vitamins?|supplements?|eye drops|ointment|beta ?blockers?|chemo)"
)
_INVESTED = (
    r"(?:savings?|money|pension|shares?|stocks?|funds?|bonds?|crypto|bitcoin|gold|loan|mortgage|fixed[- ]rate"
    r"|deposit|isa|etfs?|overdraft)"
)
_SECRETS = (
    r"(?:last |first )?(?:three|3) (?:digits|numbers)|numbers? next to the signature|"
    r"(?:cvv|cvc|csc|security code|(?:three|3|last three|four) digits (?:on|at) the (?:back|front)|(?:card"
    r"|banking|bank|debit|sim)?"
    r" ?pin(?: code| number)?|pass ?words?|pass ?codes?|one[- ]time (?:code|pass\w*)|otp|verification code|login code"
    r"|code (?:that )?(?:you|we|they) (?:got|received|were sent|sent you|texted|just)[a-z ]{0,20}|full card"
    r" (?:number|details)|whole card number"
    r"|(?:sixteen|16|long) digits?|long (?:card )?number|card numbers? and|both sides of (?:your|the) card"
    r"|card,? (?:both sides|front and back)"
    r"|photo of (?:your|the) (?:bank |credit |debit )?card)"
)
_PERSONAL = (
    r"(?:card (?:number|details)|card and|account number|sort code|iban|bank (?:details|account)|date of birth"
    r"|birth ?da(?:y|te)|(?:full |home |postal |street )?address"
    r"|(?:phone|mobile|telephone) number|passport|(?:driving|driver'?s) licen[cs]e|\bids?\b|identity card"
    r"|national insurance|ssn|social security"
    r"|(?:full )?name,? (?:and|address)|mother's maiden|e-?mail address|proof of address|selfie)"
)
_ASKS = (
    r"(?:(?:^|[,;:–-] |\b(?:please|just|kindly|also|then|and|so|or|simply|quickly|need (?:you )?to|have to|must"
    r"|(?:could|can|would|will) you|you (?:can|could|may)) )"
    r"(?:you )?(?:please |just |also |quickly |simply )?(?:send|give|tell|share|post|drop|reply (?:with|to)|text"
    r"|write|confirm|provide|leave|put|show|upload|enter"
    r"|answer with|comment|type|read out|let (?:us|me) have|pass on|reply)\b|\b(?:i|we)(?:'ll| will|'d)? (?:just"
    r" |only |also |still )?(?:need|want|require)\b"
    r"|\bmay (?:i|we) (?:have|see|know|ask for)\b|\bwhat(?:'s| is| are| was| were)\b|^(?:and |so )?which\b)"
)
_PRIVATELY = re.compile(
    r"\b(?:dms?|pm|direct message|private(?:ly)?|message us|inbox|by phone|ring us|call us|secure (?:form|page"
    r"|link)|in the app|log ?in|messenger|whats ?app|e-?mail to|leave out"
    r"|by e-?mail|through the form|this form|form on|never|(?:do|does|would|will|should|need|can)(?:n't| not)|no"
    r" need|without|instead of|(?:call|ring) (?:us )?(?:at|on)|call at|listed|(?:at|on) the (?:phone )?number"
    r" (?:here|below)|not (?:here|in public)|delete|remove|take (?:it|that) down)\b"
)
_FORBIDS = re.compile(
    r"\b(?:never|(?:do|does|would|will|should|can|need)(?:n't| not)|no need|without|nobody (?:here )?(?:will|may"
    r"|asks)|delete|remove|take (?:it|that) down"
    r"|change your|reset (?:your|the)|new password|forgot|set a|choose a|last four|only the last)\b"
)
_DANGER = re.compile(
    r"\b(?:smok(?:e|es|ing|y)|spark(?:s|ed|ing)?|burn(?:s|t|ed|ing)?|burnt|fire|flames?|melt(?:s|ed|ing)?"
    r"|explo\w+|electri\w+ shocks?|shocks?"
    r"|tingl\w+|gas|fumes|leak(?:s|ed|ing)?|swallow(?:ed|s|ing)?|chok(?:e|ed|es|ing)|too hot|so hot|very hot"
    r"|gets hot|hot|overheat\w*|swollen|swell\w*|bulg\w+|shatter\w*"
    r"|sharp|cut (?:my|his|her|him|their)|bleed\w*|hospital|injur\w+|fell (?:on|over|down|off)|poison\w*"
    r"|allergic|rash|unconscious|carbon monoxide"
    r"|bare wires?|loose wires?|mould|brakes?)\b"
)
# Said in our own sentence, only these speak of danger; a brake or a rash may be talked of.
_NAMED_DANGER = re.compile(
    r"\b(?:smok(?:e|es|ing)|spark(?:s|ed|ing)?|electri\w+ shocks?|shock|fumes|flames?|melt(?:s|ed|ing)?"
    r"|overheat\w*|gas smell|smell of (?:gas|burning)|bare wires?)\b"
)
_NOT_WRONG = (
    r"(?:normal|harmless|fine|safe|ok|okay|nothing to worry about|no (?:danger|risk|problem|big deal|cause for)"
    r"|not (?:dangerous|a problem|serious|a big deal|harmful)|common|to be expected|unavoidable)"
)


@dataclass(frozen=True, slots=True)
class Cause:
    """One fault.

    pattern: how it is said, in small letters. quiet: what in the same sentence makes it harmless. hints: pieces one of
    which every finding holds. when: any, public, danger (the customer's words or ours speak of it), harm, upset, or
    unasked (the customer asks about no offer).
    """

    rule: str
    message: str
    pattern: re.Pattern[str]
    quiet: re.Pattern[str] | None = None
    when: str = "any"
    hints: tuple[str, ...] = ()

    def is_in(self, sentence: str) -> bool:
        """Whether a sentence, in small letters, holds it."""
        # Most sentences speak of nothing of the kind: a few looks for a piece cost less than the pattern.
        if self.hints and not any(hint in sentence for hint in self.hints):
            return False
        return bool(self.pattern.search(sentence)) and not (self.quiet and self.quiet.search(sentence))


def _all(*ways: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{way})" for way in ways))


_WILL = r"(?:'ll|'re going to| will| shall| are going to| am going to|'m going to|'re| are|'m| am)"
_IS_UNSURE = re.compile(
    r"\b(?:not|n't|never|whether|if|once|as soon as|when|may|might|could|should|would|hope|hoping|aim|try|trying"
    r"|plan|planned|expect\w*|estimat\w*|scheduled"
    r"|booked|according to|says?|shows?|ask(?:ed|ing)?|check(?:ing)?|decid\w+|apply|up to|unless|usually"
    r"|normally|often|allow)\b|n't\b|\?$"
)
_IS_UNSURE_OF_MONEY = re.compile(
    r"\b(?:can't|cannot|can not|may not|not (?:able|sure|yet|say|promise)|never|whether|if|once|as soon as|may"
    r"|might|could|should|would|ask(?:ed|ing)?|check(?:ing)?|decid\w+|was|were|has been|have been|had|already"
    r"|booked|approved|shows?|says?|sent|yesterday|last|return it|send it back|within 14|within 30|terms|either"
    r"|or)\b|\?$"
)

OTHER_PERSON = Cause(
    "other_person",
    "This tells about somebody else: say that you can only speak of the customer's own account.",
    _all(
        r"\b(?:your|the|a|his|her) (?:boy|girl)friend(?:'s)? (?:ordered|bought|has|had|paid|lives|returned"
        r"|cancelled|chose|order)",
        r"\byour (?:husband|wife|partner|ex|sister|brother|mother|mum|mom|father|dad|son|daughter|neighbou?r"
        r"|flatmate|colleague|boss|friend|roommate"
        r"|tenant|landlord)(?:'s)? (?:\w+ ){0,3}?(?:ordered|bought|paid|lives|signed|returned|cancelled|has"
        r" (?:it|your|the|an?|two|three|already)|chose|address|number|order|account|card)",
        r"\b(?:mrs?|ms|miss|dr)\.? [a-z]+ (?:\w+ ){0,3}?(?:at (?:number|no\.?|flat|house) ?\d+|in flat|signed"
        r"|lives|ordered|bought|has (?:it|your|the same)|paid|took it)",
        r"\b(?:she|he|they) (?:ordered|bought|paid|returned|cancelled|booked|chose|lives?|spent|owes?"
        r"|signed)\b(?! (?:us|you)\b)",
        r"\b(?:his|her|their) (?:account|address|(?:phone |mobile )?number|e-?mail|card|order|balance|birthday"
        r"|password) (?:is|was|ends|shows|contains|has|went|number)",
        r"\b(?:it|account|number|e-?mail(?: address)?|card|order|parcel|name)(?: address)? (?:belongs to|is"
        r" registered to|is (?:under|in) the name(?: of)?|was ordered by|is held by|was opened by)"
        r" (?!you\b|us\b|the (?:maker|courier|bank|carrier|shop))[a-z]",
        r"\b(?:another|the other|one|the last|a different) (?:customer|caller|guest|client|patient|passenger"
        r"|user|member)(?:'s (?:name|number|address|order|account|e-?mail)|,? (?:mrs?|ms|[a-z]+ [a-z]+),?"
        r" (?:from|in|at|of|had|has)|,? called)",
        r"\b(?:the )?(?:last|previous|other) (?:caller|customer|tenant|owner|guest|buyer)'s (?:\w+ )?(?:number"
        r"|name|address|e-?mail|order) (?:is|was)",
        r"\b(?:went|sent|delivered|goes) to (?:his|her) (?:office|home|flat|house|address|work)",
    ),
    re.compile(
        r"\b(?:(?:ca|wo|do|did|are|is)n't|cannot|can not|not|never|only yours|if|whether|colleague|my lead|my"
        r" manager|engineer|courier|driver|technician|team)\b|\?$"
    ),
)
PROMISE_MONEY = Cause(
    "promise_money",
    "Nobody here may promise money in a reply: say who decides, and when you will know.",
    _all(
        rf"\b(?:we|i){_WILL} (?:of course |gladly |happily |certainly |definitely |also |fully |just |now |then "
        rf"|personally )*(?:refund|reimburse|compensate|repay|pay (?:for|you|back|the|your|all|every)"
        r"|cover (?:the|your|all|any)|give you (?:\S+ ){0,3}?(?:back|off|free|credit|voucher)|giving you (?:\S+"
        r" ){0,4}?(?:back|off|free|credit|voucher)|putting \S+ (?:\S+ )?in|crediting"
        r"|waiv(?:e|ing)|knock(?:ing)? \S+ off|tak(?:e|ing) \S+ (?:\S+ )?off|make sure you (?:get|are paid|don't"
        r" lose)|sort (?:you )?out (?:a|the|your) refund|transfer(?:ring)? (?:you (?:the|\d|your)|the (?:money"
        r"|amount)|your (?:money|refund)))",
        r"\b(?:you|your money)(?:'ll| will|'re going to|'re| are) (?:\w+ )?(?:get|getting|receive|receiving|have"
        r"|see|be getting) (?:\S+ ){0,3}?(?:refund|money back|full amount|every (?:penny|cent|pound|euro)|whole"
        r" amount|amount back|back on your card"
        r"|compensat\w+|voucher|reimbursed|it all back|all of it back|in full)",
        r"\byou(?:'ll| will|'re going to) (?:\w+ )?be (?:fully |completely |certainly )*(?:refunded|compensated"
        r"|reimbursed|paid back)\b",
        r"\b(?:the|your) (?:money|full amount|refund|amount|cash)(?:'ll| will|'s going to| is going to) (?:be "
        r"|come |arrive |land |go )?(?:back|in your|on your|with you|there|yours)\b",
        r"\b(?:consider|count) it (?:\w+ )?(?:refunded|paid|credited|done with the refund)|\bit's (?:all )?on"
        r" (?:us|the house)\b|\bis on (?:us|the house)\b|\bdrinks are on us\b|\bfree of charge for you from now",
        r"\byou (?:won't|will not|'ll not|don't have to|needn't) (?:have to )?pay (?:a (?:thing|penny|cent)"
        r"|anything|for (?:it|that|this|the repair|the damage))",
        r"\bevery (?:penny|cent) (?:of it )?back\b|\bfull refund,? no questions",
        r"\bwe(?:'ll| will) (?:make it right|make up for it) with (?:a|some|money|\d)",
    ),
    _IS_UNSURE_OF_MONEY,
)
PROMISE_DATE = Cause(
    "promise_date",
    "This promises a time we do not control: say when you will know more.",
    _all(
        r"\b(?:it|your (?:\w+ ){1,2}?|the (?:\w+ ){1,2}?|everything|you|he|she|they)(?:'ll|will|'re going to|'s"
        r" going to| will| is going to)(?: \w+)? (?:be |arrive|come|reach|work|land|have|hold|get|stand|go|function)"
        rf"(?:\S+ ){{0,6}}?(?:by|on|before|within|in|at the latest|no later than|latest|until)?[ ]?(?:{_DAY})\b",
        rf"\b(?:by|before|on|within|in) (?:{_DAY}),? (?:\w+ )?(?:you'll|you will|it'll|it will|it's|it is going"
        rf"|everything (?:will|works)|your \w+ (?:will|is|comes|arrives))",
        rf"^(?:{_DAY})(?: morning| evening| afternoon| night)?,? (?:it|your \w+|the \w+|you|everything) (?:'ll"
        rf"|will|stands|is (?:there|with you|back|fixed)|works|arrives|comes|have|hold)",
        r"(?:^|, |you can )count on it\W*$|\b(?:mark my words|take it to the bank|bet on it|rest assured"
        r" it(?:'ll| will)|no ifs or buts|i give you my word|trust me,? it(?:'ll| will))\b",
        r"\b(?:definitely|certainly|surely|absolutely) (?:be |work|arrive|come|get|have)",
    ),
    re.compile(
        _IS_UNSURE.pattern
        + r"|\b(?:i|we)(?:'ll| will) (?:\w+ )?(?:write|tell|ring|call|look|answer|let you know|be back"
        r"|come back|update|check|get back|know|ask|reply|say|send|message|phone)"
        r"|\b(?:open|closed|close|closes|opens|shop|queue|quiet|hear|answer|reply|colleague|news|bank|banks"
        r"|seen?|rings?|writes?|calls?)\b"
    ),
)
COMPETITOR = Cause(
    "competitor",
    "We do not run others down: say what ours does.",
    _all(
        r"\b(?:nobody|no one|don't|never|i wouldn't|you shouldn't) (?:should )?(?:trust|buy (?:from|there"
        r"|anything)|go (?:to|with)|order from) (?!us\b|it\b|them\b|the (?:link|mail|caller))[a-z]",
        r"\b(?:cheap|shoddy|fake) (?:junk|rubbish|copies|copy|knock-?offs?|imitations?|stuff from|tat)\b"
        r"|\bknock-?offs?\b",
        r"\b(?:they|theirs|their (?:\w+ ){1,2}?) ?(?:just |only |all |simply )?(?:copy|copied|steal|stole|sag"
        r"|break|fall apart|fail|lie|cheat|overcharge|are (?:far |much |even )?(?:worse|rubbish|terrible|useless"
        r"|a joke|awful|poor|scammers)|is (?:far |much |even )?(?:worse|rubbish|terrible|useless|a joke|awful|poor))",
        r"\b(?:we're|we are|ours? (?:is|are)) (?:\w+ )?(?:much |far |simply |way |so much )?better than"
        r" (?!before|last|it|that|nothing|the old|you)[a-z]",
        r"\b(?:unlike|in contrast to|not like) (?!you\b|us\b|the\b|last\b|before\b|our\b|other (?:lamps"
        r"|models))[a-z]+(?:'s)?,? (?:we|our|who|which|they)",
        r"\b[a-z]+ (?:lamps|sofas|phones|products|plans|flights|parcels|chairs|mattresses|goods|things) (?:break"
        r"|sag|fall apart|fail|never (?:arrive|work|last)|don't last)\b",
        r"\b(?:are|is) (?:known|notorious|famous) for (?:poor|bad|late|breaking|terrible|hidden|cheap)"
        r"|\bcompared to ours\b|\byou'd (?:only )?(?:regret|wait even longer)\b|\bwait even longer (?:there"
        r"|with)\b|\bthey (?:are|'re) (?:far|much|even) worse\b",
        r"\bgood luck with (?!your|the|that exam|it all)[a-z]+\b",
    ),
    re.compile(
        r"\b(?:tracking|courier said|your bank|makes? (?:nice|good|fine|lovely)|great too|good too|nice"
        r" too)\b|\?$"
    ),
)
BLAME = Cause(
    "blame",
    "This puts the blame on the customer: say what is known and what happens next.",
    _all(
        r"\b(?:sheet|manual|instructions?|label|leaflet|guide|page|booklet|box|terms|description|listing|website"
        r"|email|e-?mail|sign|small print|packaging|care tag|tag) (?:does|do|did|clearly|also does|actually"
        r"|quite clearly) (?:say|says|state|states|mention|mentions|warn|warns|tell|tells|explain|explains|ask"
        r"|asks|show|shows)",
        r"\b(?:it|they|the \w+) (?:was|were|left us|left our \w+|worked|looked) (?:\w+ )?(?:in (?:perfect|full"
        r"|flawless|mint|good)|fine|perfect(?:ly)?|intact|undamaged|flawless|ok|okay|working)[a-z ]{0,20}(?:when"
        r" (?:it|they|we)|before you|until you|at our)",
        r"\b(?:must|will|can only) have (?:happened|been (?:damaged|dropped|broken|caused|lost)|broken|come)(?:"
        r" \w+){0,3}? (?:at your|in your|on your|by you|after|with you|when you)",
        r"\b(?:most|other|all (?:our )?other|everybody|everyone|nobody) (?:else |other )?(?:people|customers"
        r"|users|else)? ?(?:manage|manages|get|gets|copes?|has (?:this|that|such) (?:problem|trouble)|have no"
        r" (?:trouble|problem))",
        r"\b(?:usually|typically|normally|only|often|mostly) happens (?:when|if) (?:it|they|the \w+|people"
        r"|customers|you|somebody|someone) (?:is|are|was|isn't|aren't|do|don't|does|doesn't|didn't|forget|have"
        r"|has|not)",
        r"\byou(?: may| might| must|'ve| have| probably| perhaps|'d have) (?:well |perhaps |probably |simply "
        r"|just )?(?:have )?(?:skipped|missed|overlooked|forgotten|misread|misunderstood|mixed up|put|tightened"
        r"|set|typed|entered|pressed|used)(?! (?:it )?(?:well|right|correctly|in touch))",
        r"\b(?:we've|we have|i've|i have) never (?:had|heard of|seen) (?:this|that|such|any)[a-z"
        r" ]{0,24}(?:anyone|anybody|other|before|else|complain\w*|complaints?)",
        r"\b(?:if|had) (?:the \w+|it|you|they|these|those) (?:had )?(?:been )?(?:tightened|read|checked|followed"
        r"|stored|charged|cleaned|used|assembled|followed|mounted|kept|opened)[a-z ]{0,30}(?:properly|correctly"
        r"|first|as described|carefully|by hand|would(?:n't)? have)",
        r"\bdid you (?:actually |really |even )?(?:read|follow|look at|check|open) the (?:instructions?|manual"
        r"|label|description|e-?mail|terms)\b",
        r"\b(?:isn't|not) assembled (?:with care|properly|correctly)|\bwith a little (?:more )?care\b|\ba bit"
        r" more careful(?:ly)?\b|\bnext time,? (?:please )?(?:read|check|follow|be more)\b",
        r"\b(?:the )?(?:wrong|old|incorrect) (?:address|number|e-?mail|size|date|code) was (?:entered|given"
        r"|chosen|typed) (?:by you|at your|in your|on your)",
    ),
    re.compile(
        r"\b(?:our (?:mistake|fault|error)|we (?:wrote|got) (?:it|that) wrong|badly (?:written|explained)"
        r"|easy to miss|doesn't say|does not say|did not say|didn't say)\b"
    ),
)
BLAME_OWN = Cause(
    "blame_own",
    "This runs down a colleague or our own house: say 'we', and what happens next.",
    _all(
        r"\b(?:warehouse|courier|driver|IT|it department|shop|branch|billing|accounts?|supplier|marketing|sales"
        r"|support|office|dispatch|call cent(?:re|er)|night shift|intern|colleague|depot|kitchen|crew"
        r"|engineer)(?:'s|s')? (?:fault|mistake|mess|problem)\b(?! was| ours)",
        r"\b(?:they|it|the (?:warehouse|couriers?|drivers?|it department|billing team|shop|depot|night shift"
        r"|kitchen|supplier)|our (?:couriers?|drivers?|warehouse|system|website|app|it|billing|colleagues?"
        r"|techs?|software|night shift)) (?:\w+ ){0,2}?(?:mess(?:es|ed)? up|mess(?:es)? (?:it|everything|every)"
        r"|never (?:test|check|answer|listen|learn|tell)|always (?:lose|get it wrong|mess|forget|break)|broke"
        r"|can't (?:pack|count|read|do|drive)|are (?:hopeless|useless|lazy|idiots|clueless|rubbish|terrible|a"
        r" joke|awful|slow as)|is (?:hopeless|useless|rubbish|terrible|a joke|awful|a nightmare|a mess|garbage|crap))",
        r"\b(?:our|the|this) (?:own )?(?:system|app|website|software|warehouse|company|hotline|policy)(?:'s| is"
        r"|,? it's) (?:just |simply |so |really |a bit |completely )*(?:rubbish|terrible|useless|hopeless|a joke"
        r"|garbage|a mess|a disaster|a nightmare|stupid|ancient|broken beyond)",
        r"\bwe keep telling them\b|\bto save their lives\b|\b(?:typical|classic) (?:of )?(?:us|our|them"
        r"|warehouse|head office)\b|\bbetween us,? (?:they|our)\b|\bi (?:wouldn't|don't) (?:order|buy|shop) here"
        r" (?:either|myself)\b",
        r"^it broke (?:the|it|our)[a-z ]{1,30} again\b|\bnever test anything\b",
    ),
    re.compile(r"\b(?:not|n't) (?:the|their|our) (?:\w+ )?fault\b|\bour mistake\b"),
)
MEDICAL = Cause(
    "medical_advice",
    "This is medical advice: say that a doctor or pharmacist must answer it, and what you do meanwhile.",
    _all(
        rf"\b(?:stop|start|keep|carry on|try|skip|leave out|leave off|halve|double|increase|reduce|lower|raise"
        rf"|pause|change|swap) (?:on )?(?:taking |using |with )?(?:your |the |any |tonight's |all |some |a |an "
        rf"|one )*(?:\w+ )?{_MEDICINE}",
        rf"\b(?:you (?:can|could|may|should|might)|just|simply|please|i'd|better|best|go ahead and|why not)"
        rf" (?:safely |just |simply |also |try |to )?(?:take|use|have|apply|put|give (?:him|her|them|it))"
        rf" (?:some |an? |your |the |two |more |another |one )*(?:\w+ )?{_MEDICINE}",
        rf"^(?:take|use|apply|put|give (?:him|her|them)|rub) (?:on )?(?:some |an? |your |the |two |more |one"
        rf" )*(?:\w+ )?(?:{_MEDICINE}|cream on (?:the|your|his|her) (?:rash|wound|burn|skin))",
        rf"\b(?:safe|fine|ok|okay|no problem|harmless|compatible|suitable|alright|all right) (?:to (?:use|take"
        rf"|eat|drink|apply) )?(?:\w+ )?(?:with|alongside|together with|while (?:on|taking)) (?:your |his |her "
        rf"|the |any |blood pressure |heart )*(?:\w+ )?{_MEDICINE}",
        r"\b(?:safe|fine|ok|okay|no problem|harmless|suitable|alright|all right) (?:to (?:use|take|eat|drink"
        r"|apply) )?(?:\w+ )?(?:during|in|when|while|if you're|for) (?:the |your )?(?:pregnan\w+|breast ?feeding"
        r"|nursing|asthma\w*|diabet\w+|epilep\w+|allerg\w+|heart (?:condition|disease)|high blood pressure)",
        r"\b(?:it's|that's|it is|that is|sounds like|looks like|probably|surely|just|only)(?: \w+)? (?:a |an "
        r"|some )?(?:mild |slight |small |simple |harmless )?(?:allerg(?:y|ic reaction)|infection|eczema"
        r"|migraine|virus|side effect|rash|skin reaction|hay fever|inflammation|panic attack)\b",
        r"\b(?:you (?:have|'ve got)|that must be) (?:an? )?(?:allergy|infection|eczema|migraine|inflammation"
        r"|intolerance)\b",
        r"\b(?:cures?|heals?|treats?) (?:your |the |any )?(?:eczema|rash|arthritis|migraines?|anxiety|depression"
        r"|cancer|diabetes|pain)\b",
    ),
    re.compile(
        r"\b(?:doctor|gp|pharmacist|midwife|medical team|your clinic|physician)(?:'s)? (?:can|will|knows?"
        r"|should|must|has|have|to|or|please|about|first|before|is the)\b|\b(?:ask|see|ring|call|talk to|speak"
        r" to) (?:a|your|the) (?:doctor|gp|pharmacist|midwife)|\bcan't (?:say|advise|tell)|\bwe don't (?:know"
        r"|advise)|\?$"
    ),
)
NO_DOCTOR = Cause(
    MEDICAL.rule,
    MEDICAL.message,
    _all(
        r"\b(?:no need|don't need|needn't|not necessary|no reason"
        r"|unnecessary|wouldn't bother|don't have) to (?:see|call|go to|visit|ask|consult|bother|ring|get) (?:a |the"
        r" |your |any )?(?:doctor|gp|hospital|pharmacist|a&e|er|ambulance|specialist|medical)"
    ),
)
MONEY_ADVICE = Cause(
    "financial_advice",
    "This is advice on money: give the facts of each choice and leave it to the customer or an adviser.",
    _all(
        rf"\b(?:you should|you ought to|you'd better|you had better|i'd|i would|we'd|if i were you|in your place"
        rf"|my advice|best to|better to|the best thing is to|just|why not|don't|i recommend|we recommend|i"
        rf" suggest|we suggest)[a-z' ,]{{0,24}}? (?:\w+ing |to )?(?:sell|buy|invest\w*|put|mov(?:e|ing)|cash in"
        rf"|withdraw|pay off|switch|take|keep|hold|lock in|wait|refinance|borrow|transfer|fix|leave)(?:"
        rf" \S+){{0,6}}? ?\b(?:{_INVESTED}|now|before it (?:drops|falls|rises))\b",
        rf"\b(?:cash in|sell|pay off|invest|move|put) (?:the |your |all your |some |all the |everything"
        rf" )*\b(?:{_INVESTED})(?: \S+){{0,8}}?(?:i'd do|now|today|first|before|into)\b",
        rf"^(?:take|choose|go for|pick|fix|lock in|buy|sell|invest|cash in|wait with|hold) (?:\S+"
        rf" ){{0,3}}?\b(?:{_INVESTED}|variable|tracker|rate)\b",
        r"\b(?:rates?|interest|prices?|shares?|the market|markets?|stocks?|gold|bitcoin|inflation|house"
        r" prices)(?: rates?)?(?:'ll| will|'s going to| are going to| is going to| are about to| is about to| is"
        r" bound to| are bound to| can) (?:only |surely |certainly |soon |probably )?(?:go (?:up|down)|fall|rise"
        r"|drop|climb|recover|increase|crash|double|come down)",
        r"\b(?:now|this|today) is (?:a|the) (?:great|good|best|perfect|right|ideal) (?:time|moment) to (?:buy"
        r"|sell|invest|fix|borrow|move|switch|take)",
        r"\bonly (?:ever )?goes up\b|\b(?:safe|sure|smart|guaranteed|solid) (?:investment|bet|return|choice now"
        r"|money)\b|\bwait with (?:the|your) (?:mortgage|loan)|\byou can't lose\b|\brisk-?free (?:return|investment)",
    ),
    re.compile(
        r"\b(?:can't|cannot|can not|may not|not allowed to|don't) (?:advise|recommend|say|tell|give)"
        r"|\badvis(?:er|or)s?\b|\byou can (?:see|find|compare)|\?$"
    ),
)
DANGER_DOWN = Cause(
    "danger_played_down",
    "This plays down what may be dangerous: ask them to stop using it, and pass it on.",
    _all(
        rf"\b{_NOT_WRONG}\b",
        r"\b(?:just|only|simply|probably)(?: \w+)? (?:a (?:little|bit|small)|dust|residue|a bit of|a one-?off"
        r"|the coating|the packaging|static|steam|cosmetic|the glue|factory)\b",
        r"\b(?:keep|carry on|go on|continue|goes? on) (?:\w+ )?(?:using|charging|wearing|driving|with it|it on"
        r"|running)|\bgive it (?:a few|another|one|some) (?:more )?(?:tries|try|goes|go|days?|hours?|time)",
        r"\b(?:plug|switch|turn|try|put) (?:it|them|the \w+) (?:back )?(?:in|on|again)(?: again)?\b",
        r"\b(?:don't worry|no worries|no need to worry|relax|no panic|don't panic|not to worry|nothing (?:can"
        r"|will|could) happen)\b",
        r"\b(?:goes|go|will go|wears?|fades?|disappears?|passes?) (?:away|off) (?:by itself|soon|after|with time"
        r"|on its own|in a)|\bput (?:a |some )?(?:\w+ )?(?:cloth|tape|towel|ice|glue|foil) (?:on|under|over"
        r"|round|around)|\b(?:just )?(?:let|leave) it (?:cool|air|dry|run)\b",
        r"\b(?:he|she|it|they|you)(?:'ll| will) be (?:fine|ok|okay|alright|all right)\b|\b(?:a|the) bit of"
        r" (?:smoke|heat|smell|spark)|\bit only (?:tingles|smells|smokes|sparks|gets)",
    ),
    re.compile(
        r"\b(?:unplug|stop using|switch(?:ed)? (?:it )?off|turn(?:ed)? (?:it )?off|don't use|do not use|keep"
        r" (?:it|the \w+) (?:off|out|away|unplugged)|leave it off|not (?:normal|safe|ok|okay|fine|right)|isn't"
        r" (?:normal|safe|ok|right|fine)|n't (?:use|touch|plug)"
        r"|(?:you're|you are|stay|keep|get|everybody|everyone) (?:\w+ )?safe|never|doctor|ambulance|999|112|911"
        r"|emergency|safety team|(?:use|touch|plug|ride|wear|open|charge) (?:it|them|the \w+) (?:\w+ )?(?:before"
        r"|until)|(?:glad|hope|good|relieved|happy) (?:to hear )?(?:that )?(?:nobody"
        r"|no one|you|he|she|they|everybody|everyone)|everybody|everyone|poison cent\w+)\b|\?$"
    ),
    when="danger",
)
ASKS_SECRET = Cause(
    "asks_secret",
    "Nobody here may ask for this: offer the order number, or the safe page where they enter it themselves.",
    re.compile(
        rf"{_ASKS}[^.?!]{{0,60}}?\b(?:{_SECRETS})|\b(?:{_SECRETS})[^.?!]{{0,30}}\b(?:please|will do|would"
        rf" do|is enough|and i'll|and we'll|so (?:i|we) can)\b"
    ),
    _FORBIDS,
    hints=("cvv", "cvc", "csc", "code", "digit", "pin", "pass", "otp", "card", "number"),
)
ASKS_PERSONAL = Cause(
    "asks_personal_in_public",
    "All can read the answer to this: ask for it in a private message.",
    re.compile(
        rf"{_ASKS}[^.?!]{{0,60}}?\b{_PERSONAL}|\b{_PERSONAL}[^.?!]{{0,40}}\b(?:in a reply|as a reply|here"
        rf" (?:please|will)|below|in the comments|would do|will do)\b"
    ),
    _PRIVATELY,
    when="public",
    hints=(
        "card",
        "number",
        "sort code",
        "iban",
        "bank",
        "birth",
        "address",
        "passport",
        "licen",
        "id",
        "insurance",
        "ssn",
        "social",
        "name",
        "mail",
        "selfie",
    ),
)
ADMISSION = Cause(
    "legal_admission",
    "This admits guilt for an injury or damage: say that you pass it on, and to whom.",
    _all(
        r"\b(?:we're|we are|i'm|i am|we feel|we were) (?:\w+ )?(?:responsible|to blame|at fault|liable"
        r"|accountable) (?:for|that) (?:\S+ ){0,4}?(?:injur\w+|burns?|wound|accident|fall|fell|damage|fire|death"
        r"|harm|hurt|hospital|pain|illness|cut)",
        r"\b(?:it's|it is|it was|that's|that is|that was) (?:all |entirely |completely )?(?:our|my) (?:fault"
        r"|mistake|negligence|doing)(?:,)? (?:that|and) (?:\S+ ){0,4}?(?:fell|injur\w+|hurt|burnt?|got (?:hurt"
        r"|burnt|ill|sick)|was (?:hurt|injured|burnt)|responsible)",
        r"\bour (?:\w+ ){1,2}?(?:\w+ )?(?:clearly |obviously |certainly |did )?(?:caused?|injured|burnt|burned"
        r"|hurt|poisoned|set fire|made (?:you|him|her) (?:ill|sick))\b",
        r"\b(?:burns?|injur\w+|fire|accident|wound|cut|rash|damage)(?: \w+)? (?:comes?|came|was caused|were"
        r" caused|is due|was due|happened) (?:from|by|because of|to) our\b",
        r"\b(?:that|this) is on us\b(?=.*|$)|\bwe (?:knew|should have known) (?:that )?(?:the|this|about)[a-z"
        r" ]{0,30}(?:defect|danger|unsafe|faulty|recall)",
    ),
    re.compile(r"\b(?:whether|if|look into|find out|what caused|don't know)\b|\?$"),
    when="harm",
)
LEGALESE = Cause(
    "legalese",
    "Law quoted at somebody who is hurt or upset: say what you can do first.",
    _all(
        r"\b(?:as (?:stated|set out|laid down|mentioned) in|according to|under|pursuant to|per|in line with|in"
        r" accordance with|as per) (?:our |the |your )?(?:\w+ )?(?:terms|conditions|contract|policy|section"
        r"|clause|paragraph|article|§)",
        r"\b(?:section|clause|paragraph|article) \d|§ ?\d",
        r"\b(?:our|the) (?:terms|conditions|policy|contract|rules) (?:\w+ )?(?:are|is|states?|says?|requires?"
        r"|excludes?|does? not|don't) ?(?:very )?(?:clear|that|here|no|not|only|a claim|claims|you)",
        r"\b(?:must|has|have) (?:to )?be reported within|\bno claim (?:exists|arises)\b|\bclaims? (?:is|are)"
        r" excluded\b|\bexclud(?:e|es|ed) (?:all |any )?liability\b",
    ),
    when="upset",
)
# What is said in many words: an idea found by two or three of its parts together, in a conversation about the matter.
_RELATED = (
    r"(?:husband|wife|partner|ex|boyfriend|girlfriend|sister|brother|mother|mum|mom|father|dad|son|daughter"
    r"|neighbou?r|flatmate|colleague"
    r"|boss|friend|roommate|tenant|landlord|aunt|uncle|cousin|grandmother|grandfather|parents|in-laws)"
)
_STRANGER = (
    r"(?:tenant|owner|customer|guest|caller|client|passenger|patient|resident|subscriber|member|user|buyer"
    r"|holder|driver before you)"
)
_OWNED = (
    r"(?:mobile|phone|number|address|account|plan|order|bill|card|balance|e-?mail|password|salary|contract"
    r"|booking|room|flat|profile|parcel|loan|policy)"
)
ABOUT_OTHERS = Cause(
    OTHER_PERSON.rule,
    OTHER_PERSON.message,
    _all(
        rf"\byour {_RELATED}(?: [a-z]+)?(?:'s?)? (?:{_OWNED} (?:\w+ )?(?:is|was|costs?|ends?|has|went|shows"
        rf"|runs)|(?:has|had|is|was|owes?|pays?|paid|lives?|already|\w{{3,}}ed)\b)",
        rf"\b(?:previous|last|other|former|different|second) {_STRANGER}\b(?! service)",
        rf"\b(?:her|his) {_OWNED} (?:number |address )?(?:is|was|ends?|costs?|has|had|shows|went|starts|runs)\b",
        r"\b(?:in|under|on) (?:the|his|her) name(?: of)? (?!is\b|you|on the|which)[a-z]+ [a-z]+",
        r"\b(?:mr|mrs|ms|miss|dr)\.? [a-z]+ (?:\w+ ){0,6}?(?:collected|took|received|picked up|accepted|signed"
        r"|opened|booked|has (?:it|your))\b",
        r"\b[a-z]+ [a-z]+'s (?:visa|mastercard|card|account|phone number|e-?mail address|password|home address)\b",
        r"\b(?:the|a|another) (?:lady|man|woman|gentleman|couple|family|person|guy|student) (?:in|from|at|next"
        r"|who|with|upstairs|downstairs|below|above) (?:\w+ ){0,4}?(?:complained|ordered|has|paid|said|took|owes"
        r"|lives|reported|booked|bought)\b",
        r"\b(?:she|he) (?:lives|is \w+ payments?|moved|works|complained|owes|bought|ordered|has (?:two|three"
        r"|already|been))\b",
    ),
    re.compile(
        r"\b(?:(?:ca|wo|do|did|are|is|was|has)n't|cannot|can not|not|never|if|whether|can|could|may|might|should"
        r"|must|please|our (?:colleague|driver|courier|team)"
        r"|courier|engineer|technician|my (?:colleague|lead|manager)|sorry (?:to hear|about|for)|glad|happy to"
        r" hear|congratulations|hope|get well|condolences"
        r"|birthday|wedding|love)\b|\?$"
    ),
)
_VALUE = (
    r"(?:refund|money|bill|difference|fees?|amount|cash|voucher|credit|charges?|compensation|months?|weeks?|year"
    r"|delivery|costs?|price|repair|hotel|taxi|\d+(?:[.,]\d\d)?(?: ?(?:euros?|pounds?|dollars?|€|£|\$))?|[€£$] ?\d+)"
)
GIVES_MONEY = Cause(
    PROMISE_MONEY.rule,
    PROMISE_MONEY.message,
    _all(
        rf"\b(?:we're|we are|i'm|i am|we'll|i'll|we will|i will)(?: \w+)? (?:happy|glad|willing|ready|going)?"
        rf" ?(?:to )?(?:take care of|cover|pick up|settle|pay|swallow|drop|cancel out|forget|write off|refund"
        rf"|return) (?:\S+ ){{0,3}}?{_VALUE}\b",
        r"\b(?:the|your|all the|every) (?:\w+ )?(?:difference|money|amount|refund|fee|charge|penny|cent|sum)"
        r" (?:goes|comes|flows|travels|is going|is coming)(?: \w+)? (?:back|home|to you|to your)",
        r"\byou (?:can|may|get to) keep (?:the|both|all|your|it and|everything)(?: \w+){0,2}(?: and|,)? ?(?:the "
        r"|your )?(?:money|refund|both|sofa and|cash)",
        rf"\byou(?:'ll|'re| will| are)? (?:get|getting|have|receive) (?:\S+ ){{0,3}}?(?:months?|weeks?|year"
        rf"|delivery|{_VALUE}) (?:free|for free|for nothing|at no cost|off|on us|as a gift)\b",
        rf"\byou(?:'ll| will) (?:see|find|have) (?:\S+ ){{0,2}}?{_VALUE}(?: back)? (?:on your card|in your"
        rf" (?:account|bank|wallet)|back)\b",
        r"\byou(?:'ll| will|'re going to) (?:have|get|receive) (?:the|your|all the|all your) (?:money|refund"
        r"|cash)\b|\bout of pocket\b",
        r"\b(?:costs?|pay) (?:you )?nothing (?:this time|for|today)|\bi(?:'ve| have) taken (?:it|that|the \w+)"
        r" off (?:the|your|for)",
        rf"\b(?:we|i)(?:'ll| will|'re| are|'m| am| shall) (?:\w+ )?(?:transfer|wire|send|pay|credit|give|return"
        rf"|hand)(?:ring|ing|ting)?(?: you)? (?:back )?(?:the |your |these |those |another |all"
        rf" )?(?:{_VALUE})(?: back| to you| to your| over| straight| right| today| now|$|[.!])",
        r"\b(?:it's|that's|this is|that one is|this one's) (?:\w+ )?(?:our treat|on our tab|a gift from us|paid"
        r" for|taken care of by us)\b|\bdon't have to worry about the (?:cost|money|bill|price|fee)",
        rf"\b(?:you're|you are) (?:\w+ )?(?:getting|going to get|due to get) (?:\S+ ){{0,2}}?{_VALUE}",
        r"\bi(?:'ve| have) (?:decided|made sure|arranged|promised)(?: that)? you (?:get|don't pay|won't pay|pay"
        r" nothing|keep)",
    ),
    re.compile(
        r"\b(?:can't|cannot|can not|may|might|could|should|would|whether|if|once|as soon as|when|ask(?:ed|ing)?"
        r"|check(?:ing)?|decid(?:es?|ing)|was|were|booked|sent|approved|terms"
        r"|return|within (?:14|30)|banks?|says?|shows?|over \d+|orders? (?:over|from|above))\b|\?$"
    ),
)
_RUNS = (
    r"(?:is|are|runs?|works?|comes?|arrives?|leaves?|stands?|will|have|has|get|gets|be|fixed|back|yours|there"
    r"|done|ready)"
)
GIVES_DAY = Cause(
    PROMISE_DATE.rule,
    PROMISE_DATE.message,
    _all(
        rf"\b(?:it|it's|that's|everything|service|power|access|all of it|your \w+|the \w+|they)(?:'s|'re| is|"
        rf" are|'ll be| will be)?"
        rf" (?:\w+ )?(?:fixed|back|done|ready|there|with you|yours|solved|repaired|restored|delivered|up again"
        rf"|running|in"
        rf" your hands) (?:\w+ )?(?:by|before|in|within|until|on) (?:{_DAY})",
        rf"\b(?:{_DAY})(?:,)? at the (?:very )?latest\b|\bnot a (?:day|minute|second) later\b|\bon the dot\b",
        rf"^(?:in|within|by|before) (?:{_DAY}),? (?:everything|it|your \w+|the \w+|all|you)(?: \w+)? {_RUNS}\b",
        rf"^(?:you can )?expect (?:it|them|the \w+|your \w+|him|her) (?:\S+ ){{0,4}}?(?:{_DAY})",
        rf"\b(?:i'm|we're|i am|we are) (?:\w+ )?(?:sure|certain|positive|confident) (?:that )?(?:it|your \w+|the"
        rf" \w+|they|he|she)(?:'ll| will)? (?:\w+ ){{1,3}}(?:by |on |before |in |within )?(?:{_DAY})",
        r"\bgive it (?:until|till) \w+,? (?:then|and) (?:you|it|everything)",
        rf"\b(?:it|they|he|she|the \w+|your \w+|our \w+)(?:'ll| will) (?:\w+ )?(?:reach|get to|find|catch|meet)"
        rf" you (?:\w+ )?(?:by|before|on|within|in|until)? ?(?:{_DAY})",
        rf"\b(?:{_DAY}),? (?:i )?promised?\b",
        r"\bwon't change (?:any ?more|again|now)\b|\bthat's (?:certain|fixed|final|a promise)\b",
    ),
    re.compile(
        r"\b(?:whether|if|may|might|could|should|hope|hoping|scheduled|booked|planned|estimat\w*|says?|shows?"
        r"|according|ask(?:ed|ing)?|usually|normally|often|banks?|i'll (?:look|write|tell|ring|call|ask)"
        r"|we'll (?:look|write|tell|ring|call|ask)|colleague|team|open|close[sd]?)\b|\?$"
    ),
)
_RUN_DOWN = re.compile(
    r"\b(?:rip\w* (?:you |people )?off|worse|worst|never (?:arrive|work|last|answer|deliver|pay)|breaks?"
    r"|cheap(?:ly)? (?:made|junk|plastic|copies)|regret|don't want|wouldn't (?:want|buy|touch|trust|go)|avoid"
    r"|better not|poor|bad|junk|joke|scam\w*"
    r"|(?:can't|don't|never) trust|only looks?|hidden|trouble|nightmare|rubbish|terrible|awful|fall apart"
    r"|useless|late|lie[sd]?|cheat\w*|stay away|warn(?:ed)? you|fake|unsafe|dishonest|shady|complain\w*|hates?"
    r"|broken|hides?|crawl\w*"
    r"|nobody (?:stays|likes|buys)|bad reviews|copied|copy)\b"
)
_COMPARES = re.compile(
    r"\b(?:cheaper|less|instead|switch\w*|better|or you|than you|competitor|leav(?:e|ing)|mov(?:e|ing)|half the"
    r" price|has (?:it|the same|a)|costs?|deliver\w*|offers?|in stock|same (?:lamp|thing|product|one))\b"
)
_THEY = re.compile(r"\b(?:they|their|theirs|them)\b")
_CARE_WITH = (
    r"(?:tightened|mounted|installed|assembled|used|washed|stored|handled|plugged in|opened|cleaned|charged|set"
    r" up|overloaded|dropped|screwed|watered|fitted|connected|hung|dried)"
)
SOFT_BLAME = Cause(
    BLAME.rule,
    BLAME.message,
    _all(
        rf"\b(?:was|were|been|got|is|are) (?:\w+ )?{_CARE_WITH} (?:too (?!late\b)|wrong|incorrectly|the wrong"
        rf"|badly|improperly|without|not as|against|more than)",
        rf"\b(?:when|if|unless|once|as long as|provided) (?:they're|it's|they are|it is|they were|it was|one"
        rf"|people|you) (?:\w+ )?(?:{_CARE_WITH}|treats?|follows?|reads?|looks?)(?: \w+){{0,3}} (?:right"
        rf"|properly|correctly|carefully|as described|by the book|closely|the right way|with care)",
        r"\b(?:would|could|might) have (?:told|shown|saved|answered|spared|warned) you\b|\byou would have"
        r" (?:seen|known|noticed|found)\b|\byou'd have (?:seen|known|noticed|found)\b",
        r"\byou (?:probably |perhaps |maybe |simply |just )?(?:forgot|forget|skipped|missed|overlooked|ignored)"
        r" (?:to |the |one |that |a )|\b(?:says?|states?|explains?|mentions?) (?:quite |very |rather )?clearly\b",
        r"\b(?:was|were) (?:right |all |already |quite |very )?(?:there|clear|clearly \w+|visible|written|stated"
        r"|printed|marked|shown|mentioned|listed)(?: \w+){0,2} (?:on|in|under) (?:the|our|your) (?:\w+ )?(?:page"
        r"|box|label|e-?mail|site|website|listing|description|manual|confirmation|terms|chart|offer)",
        r"\b(?:got|been|was|were) (?:\w+ )?(?:mixed up|lost|bent|damaged|scratched|broken|wet|dropped) (?:while"
        r"|when|as|after|because) you\b|\b(?:isn't|is not|aren't) (?:something|built|made|meant) [a-z"
        r" ]{0,24}(?:survives?|for (?:that|this))\b",
        r"\bthat(?:'s| is) what (?:you get|happens|comes of|we see) (?:when|if|from|with)\b",
        r"\b(?:the|a) (?:wrong|other) way (?:round|around|up)\b|\b(?:a|one) (?:quick |short )?look (?:at|in"
        r"|into) (?:the|our) (?:\w+ )?(?:e-?mail|manual|page|label|faq|description|instructions)",
    ),
    re.compile(
        r"\b(?:not easy|hard to|easy to miss|our (?:mistake|fault)|by us|we (?:put|sent|wrote|printed)"
        r"|sorry that|in the factory|by our)\b|\?$"
    ),
)
OWN_HOUSE = Cause(
    BLAME_OWN.rule,
    BLAME_OWN.message,
    _all(
        r"\bour (?:own )?(?:\w+ )?(?:drivers?|couriers?|colleagues?|people|staff|packers?|engineers?"
        r"|technicians?|developers?|agents?|warehouse|team) (?:just |simply )?(?:never|always|can't be|don't"
        r"|doesn't|refuses?|keeps?) (?:bother|ring|knock|read|check|listen|forget|mess|lose|learn|care|look|test"
        r"|answer|think)",
        r"\b(?:the|our|this) (?:delivery|courier|transport|shipping|parcel|moving|cleaning) (?:company|firm"
        r"|service|people|guys|team|partner)s? (?:is|are) (?:\w+ )?(?:a bunch|a joke|amateurs?|useless|hopeless"
        r"|terrible|rubbish|idiots|clowns|lazy|the worst)",
        r"\b(?:whoever|someone|somebody|the (?:person|guy|man|woman|lady) who|those who) (?:\w+ )?(?:packed"
        r"|wrote|made|sent|sold|handled|answered|built|designed|took|decided|told you)\b[a-z ]{0,30}\b(?:asleep"
        r"|sleeping|drunk|no idea|clueless|lazy|blind|idiot|stupid|never|not thinking|didn't think|clearly|knew"
        r" nothing|wrong)",
        r"\b(?:head office|headquarters|management|the bosses|upstairs|marketing|the board|my (?:boss|manager)"
        r"|corporate)\b[a-z ]{0,30}\b(?:nonsense|stupid|idiotic|silly|greedy|crazy|ridiculous|don't care|doesn't"
        r" care|no idea|clueless|mess)\b",
        r"\b(?:nonsense|stupid|idiotic|silly|ridiculous|crazy) (?:idea|rule|policy|decision|system|process"
        r"|fee)s? (?:of|from|by|our|here)\b",
    ),
)
_MEDICAL_MATTER = re.compile(
    rf"\b(?:\d{{2,3}}/\d{{2,3}}|pulse|blood sugar|oxygen level|monitor shows|{_MEDICINE}|drops|rash|dizzy"
    rf"|pregnan\w+|breast ?feed\w*|asthma\w*|allerg\w+|diabet\w*|epilep\w*"
    rf"|blood|swell\w*|swollen|itch\w*|headaches?|nausea|vomit\w*|fever|treatment|side effects?"
    r"|heart|skin (?:burns|hurts|is red)|my skin|eczema|migraine|symptoms?|spots|glucose|pain|hives|depress\w+"
    r"|anxiety|sick|ill)\b"
)
CARE_ADVICE = Cause(
    MEDICAL.rule,
    MEDICAL.message,
    _all(
        r"^(?:just |simply |please |then |you could |maybe |perhaps |i'd |better )?(?:try|take|apply|rub|drink"
        r"|skip|halve|double|reduce|rest|inhale|swallow|give (?:him|her)) (?!(?:all |as much )?(?:the |your"
        r" )?time|a photo|a picture|a look|it back|again|the (?:link|form|other|app|page|quiz)|our|part|note"
        r"|care|logging|restarting)",
        r"\b(?:you|he|she|they|everyone|anybody|people)(?: with \w+)? (?:can|could|may) (?:safely |still |also "
        r"|certainly |happily )?(?:use|take|have|eat|apply|drink|wear) (?:it|this|that|them|both|the|our)\b",
        r"\b(?:you|he|she) (?:can|could|may) (?:safely |still |also |certainly |happily |just )?(?:drink|eat"
        r"|have|take|use|combine|mix|give|apply|wear) \w+(?: \w+)? (?:with|on|during|while|after|before) (?:it"
        r"|these|this|that|them|those|the|your)\b",
        r"\b(?:the |that |your )?(?:pain|itching|swelling|rash|dizziness|headache|fever|redness|burning)"
        r" (?:should|will|'ll|is going to) (?:\w+ )?(?:go|pass|stop|fade|ease|disappear|be gone|calm|settle)",
        r"^(?:just |simply |please |then )?(?:keep|carry on|continue|go on) (?:on )?(?:taking|using|applying"
        r"|wearing|with) ",
        r"\bwill (?:help|fix|cure|ease|calm|stop|soothe|take care of) (?:with )?(?:that|the|your|it)\b"
        r"|\b(?:helps|works) (?:well )?(?:against|for|with) (?:that|this|your|a)\b",
        r"\b(?:sounds|looks) like (?:hives|an? \w+|eczema|acne|flu|a cold|sunburn|dry skin)|\b(?:use|take|wear)"
        r" it (?:all the time|every day)\b|\bneedn't (?:fear|worry)\b",
        r"\bno (?:reason|need|cause) to (?:stop|worry|see|pause|panic|be|go|change|wait)|\bwithout (?:a second"
        r" thought|worr\w+|any (?:problem|worry|risk)|hesitation)\b",
        r"\b(?:is|it's|that's|are|they're|perfectly|totally|completely) (?:\w+ )?(?:safe|harmless|fine|suitable"
        r"|no problem|ok|okay)(?: for| with| in| during| to|$|[.!,])",
        r"\b(?:goes|go|will go|be gone|passes?|fades?|disappears?|settles?|calms?) (?:away |down |off )?(?:by"
        r" itself|soon|after|within|in a|on its own|tomorrow|over ?night)\b",
    ),
    re.compile(
        r"\b(?:doctor|gp|pharmacist|midwife|hospital|clinic|physician|ambulance|999|911|112|can't (?:say|tell"
        r"|advise|answer)|cannot|don't know|not able|stop(?:ped)? using|photo|link|form|refund|order number)\b|\?$"
    ),
    when="medical",
)
_MONEY_MATTER = re.compile(
    r"\b(?:savings?|invest\w*|funds?|shares|stocks?|(?:interest|mortgage|fixed|savings) rates?|rates|mortgage"
    r"|loan|pension|gold|bitcoin|crypto|tracker|fixed or|or fixed|fixed rate|fix now|or variable|variable rate"
    r"|etfs?|isa|bonds?|portfolio|where to put|\d+k|deposit|annuity)\b"
)
MONEY_OPINION = Cause(
    MONEY_ADVICE.rule,
    MONEY_ADVICE.message,
    _all(
        r"\b(?:safest|smartest|wisest|best|better|cleverest|surest) (?:thing|choice|bet|option|place|move|deal"
        r"|time|way|investment|to)\b|\b(?:is|are) (?:\w+ )?(?:safe|smart|wise|a no-brainer|worth (?:it|every)|a"
        r" (?:good|safe|great|smart|sure) (?:\w+ )?(?:bet|buy|choice|deal|investment|idea|thing))\b",
        r"\b(?:i'd|i would|we'd|we would) (?!like|love|be|need|appreciate|recommend|suggest|have to|ask)"
        r"|\b(?:you should|you'd better|you ought to|in your (?:place|shoes)|if i were you|if it were my)\b",
        r"\b(?:can|will|must|should|are going to|is going to|'ll) (?:only |surely |soon |certainly |probably "
        r"|definitely )*(?:go (?:up|down)|come down|rise|fall|drop|recover|grow|double|climb|pay off|crash|gain"
        r"|lose)\b",
        r"^(?:just |simply |definitely )?(?:take|choose|go for|pick|fix|lock|buy|sell|invest|cash|hold|wait"
        r"|switch|move|stay|put|keep|get out|get in)\b (?!in touch|an eye|you)",
        r"\b(?:i'm|i am) (?:all in|invested|in) (?:on|in|with)\b|\b(?:wiser|smarter|safer|better|right|best)"
        r" (?:one|option|choice|loan|account|rate|plan) for you\b",
        r"\byou (?:can't|cannot|won't) (?:lose|go wrong|regret)\b",
    ),
    re.compile(
        r"\b(?:can't|cannot|can not|not allowed|don't) (?:advise|recommend|say|tell|give)|\badvis(?:er"
        r"|or)s?\b|\b(?:refund|parcel|order|delivery)\b|\?$"
    ),
    when="money",
)
MADE_USUAL = Cause(
    DANGER_DOWN.rule,
    DANGER_DOWN.message,
    _all(
        r"\b(?:most|all|many|these|some|new|such) (?:\w+ ){1,2}?(?:do|does|smell|get|gets|smoke|spark|tingle"
        r"|buzz|run|hum|melt|heat)\b(?! in touch)",
        r"\b(?:usual|typical|expected|standard|part of (?:it|the)|how they are|what they do|nothing unusual"
        r"|nothing serious)\b",
        r"\b(?:every|any|each) \w+ (?:does|gets|has|is)\b|\b(?:does|do) nothing\b|\b(?:doesn't|don't|won't"
        r"|can't) (?:harm|hurt|matter|do (?:any )?(?:harm|damage|anything))\b",
        r"\bcan (?:easily |safely |certainly )?wait (?:until|till|a|for|another)\b|\bno (?:hurry|rush)\b|\b(?:is"
        r"|are|it's|that's) not (?:that |so |very )?(?:bad|urgent|hot|serious|dangerous)\b|\bleave it (?:plugged"
        r"|on|connected|running)\b",
        r"\b(?:carry|keep|go) on (?!the)\w+ing\b|\bgo ahead\b|\bopen (?:a|the) windows? and (?:carry|keep|go on"
        r"|continue|wait)\b",
        r"\b(?:everyone|everybody|people|other customers|we all) (?:\w+ )?(?:gets?|has|have|had|uses?) (?:that"
        r"|this|it|one)\b|\bno one (?:has|was|ever)\b|\bnever (?:hurt|harmed|happened to) any(?:one|body)\b",
    ),
    DANGER_DOWN.quiet,
    when="danger",
)
SENT_CODE = Cause(
    ASKS_SECRET.rule,
    ASKS_SECRET.message,
    re.compile(
        r"\b(?:read|tell|give|send|text|forward|show|type|pass)(?: me| us)?(?: on)? (?:me |us )?(?:\w+"
        r" ){0,2}?(?:code|digits|number|pin|password) (?:\w+ )?(?:from|in|out of|on) (?:the|your|that) (?:text"
        r"|sms|message|app|phone|e-?mail|letter|back|token|screen)"
        r"|\blog in for you\b|\bremote access\b|\b(?:install|download) (?:anydesk|teamviewer)\b|\b(?:long|whole"
        r"|full|complete|entire) (?:card )?number\b[a-z ]{0,24}\bcard\b"
    ),
    _FORBIDS,
)
WE_HURT = Cause(
    ADMISSION.rule,
    ADMISSION.message,
    _all(
        r"\bwe(?:'ve| have)? (?:hurt|injured|burnt|burned|harmed|poisoned|wounded|endangered|caused (?:your|his"
        r"|her|the|this) (?:\w+ )?(?:injur\w+|accident|fall|burns?|fire|pain|illness))\b",
        r"\b(?:is|was|are|were) (?:all |entirely )?our doing\b",
        r"\b(?:because of|thanks to|through|due to) (?:us|our (?:\w+ )?(?:mistake|negligence|fault|carelessness"
        r"|defect\w*|failure))\b",
        r"\bwe(?:'ll| will)? (?:accept|admit|take|carry|bear) (?:\w+ )?(?:the )?(?:blame|guilt|liability"
        r"|responsibility)\b",
    ),
    re.compile(r"\b(?:whether|if|look into|find out)\b|\?$"),
    when="harm",
)
PROMOTION = Cause(
    "promotion",
    "This sells: serve first. Leave it out, unless the customer asks about it or is owed it.",
    promotion.OFFERED,
    promotion.HELPS,
    when="unasked",
)
BAIT = Cause(PROMOTION.rule, PROMOTION.message, promotion.BAIT, promotion.OWED, when="unasked")
CAUSES: Sequence[Cause] = (
    OTHER_PERSON, ABOUT_OTHERS, PROMISE_MONEY, GIVES_MONEY, PROMISE_DATE, GIVES_DAY, COMPETITOR, BLAME, SOFT_BLAME,
    BLAME_OWN, OWN_HOUSE, MEDICAL, NO_DOCTOR, CARE_ADVICE, MONEY_ADVICE, MONEY_OPINION, DANGER_DOWN, MADE_USUAL,
    ASKS_SECRET, SENT_CODE, ASKS_PERSONAL, ADMISSION, WE_HURT, LEGALESE,
    PROMOTION, BAIT,
)  # fmt: skip
_SENTENCE = re.compile(r"[^.!?\n…]+(?:\.(?=\S)[^.!?\n…]+)*[.!?…]?")
_HARM = re.compile(
    r"\b(?:hurt|injur\w+|burn\w*|fell|fall|slipped|cut|bleed\w*|hospital|doctor|fire|ill|sick|poison\w*|rash"
    r"|died|death|accident|broke (?:my|his|her)|allergic|shock|swallowed|choked|wound|damage[ds]?)\b"
)
_NO_WORRY = re.compile(
    r"\b(?:please )?(?:don't|do not|no need to) worry(?: (?:at all|about (?:it|that|a"
    r" thing)))?[,;:–-]+ "
)
_SOMEBODY_DID = re.compile(
    r"\b(?P<given>[A-Z][a-z]{1,15}) [A-Z][a-z]{1,20} (?:has|had|used|ordered|bought|paid|signed|lives|booked"
    r"|returned|cancelled|collected"
    r"|owes|complained|opened|changed|received|took)\b"
)
_NAMES = re.compile(r"[a-z]{4,}")
_CAPITAL = re.compile(r"\b[A-Z][A-Za-z]{3,}")
MOST_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Told:
    """One cause found. start, end: code points of the sentence that holds it."""

    cause: Cause
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Matter:
    """What a customer's message is about, where an answer to it can do harm. named: its words, to tell who is meant."""

    danger: bool = False
    harm: bool = False
    medical: bool = False
    money: bool = False
    compares: bool = False
    wants_offer: bool = False
    named: frozenset[str] = frozenset()


def find(text: str, *, to: str | None, channel: str, is_upset: bool, is_public: bool | None = None) -> tuple[Told, ...]:
    """Every cause in an outgoing text, by sentence, at most one of a kind in each.

    to: what it answers; what it is about is read from it. channel: where it goes. is_upset: whether the reader is.
    is_public: all can read it; None: as the channel is.
    """
    is_public = channel in PUBLIC if is_public is None else is_public
    return _told(text, _matter(to[:4_000]) if to else Matter(), is_public=is_public, is_upset=is_upset)


@lru_cache(maxsize=64)
def _matter(to: str) -> Matter:
    asked = plain(to)
    compares = bool(_COMPARES.search(asked))
    return Matter(
        danger=bool(_DANGER.search(asked)),
        harm=bool(_HARM.search(asked)),
        medical=bool(_MEDICAL_MATTER.search(asked)),
        money=bool(_MONEY_MATTER.search(asked)),
        compares=compares,
        wants_offer=promotion.asks_for_offers(asked),
        named=frozenset(_NAMES.findall(asked)) if compares else frozenset(),
    )


# A text is checked when it is drafted, when it is shown and when it is sent.
@lru_cache(maxsize=256)
def _told(text: str, matter: Matter, *, is_public: bool, is_upset: bool) -> tuple[Told, ...]:
    # "Don't worry" says no to nothing that follows.
    read = _NO_WORRY.sub(lambda worry: " " * len(worry[0]), plain(text[:MOST_CHARS]))
    told: list[Told] = []
    for match in _SENTENCE.finditer(read):
        sentence = match[0].strip()
        if len(sentence) < 4:
            continue
        start = match.start() + match[0].index(sentence)
        end = start + len(sentence)
        # A played down danger and guilt may name the harm themselves.
        here = {
            "any": True,
            "public": is_public,
            "danger": matter.danger or bool(_NAMED_DANGER.search(sentence)),
            "harm": matter.harm or bool(_HARM.search(sentence)),
            "medical": matter.medical,
            "money": matter.money,
            "upset": is_upset,
            "unasked": not matter.wants_offer,
        }
        rules: set[str] = set()
        for cause in CAUSES:
            if cause.rule not in rules and here[cause.when] and cause.is_in(sentence):
                rules.add(cause.rule)
                told.append(Told(cause, start, end))
        if OTHER_PERSON.rule not in rules and _tells_of_somebody(sentence, text[start:end]):
            told.append(Told(OTHER_PERSON, start, end))
        if COMPETITOR.rule not in rules and _runs_down(sentence, text[start:end], matter):
            told.append(Told(COMPETITOR, start, end))
    return tuple(told)


def _tells_of_somebody(sentence: str, written: str) -> bool:
    """Whether a sentence says what a person with a given and a family name did or has."""
    if OTHER_PERSON.quiet and OTHER_PERSON.quiet.search(sentence):
        return False
    return any(is_given_name(match["given"]) for match in _SOMEBODY_DID.finditer(written))


def _runs_down(sentence: str, written: str, matter: Matter) -> bool:
    """Whether a sentence speaks ill of somebody whom the customer compares us with."""
    if not matter.compares or sentence.endswith("?") or not _RUN_DOWN.search(sentence):
        return False
    named = {word.lower() for word in _CAPITAL.findall(written)} & matter.named
    return bool(named or _THEY.search(sentence))


def plain(text: str) -> str:
    """Small letters and straight apostrophes, of the same length."""
    lower = text.replace("’", "'").replace("ʼ", "'").lower()
    # A few letters grow when they are made small: then every place would move.
    return lower if len(lower) == len(text) else text.replace("’", "'")
