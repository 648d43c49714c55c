"""Promotion in a care reply: who has a problem is served, and sold nothing.

Found: products praised, a dearer one suggested, discounts as bait, "check out our new ...". Not found: what this
customer is owed, facts of an offer that they asked about or took, and pages that help.
"""

import re

_OURS = r"(?:our|the|this|these|all our|what's)"
_GOODS = (
    r"(?:collections?|ranges?|lines?|arrivals?|bestsellers?|offers?|deals?|sales?|shop|store|catalogue|menus?|models?"
    r"|bundles?|memberships?|subscriptions?|plus|gold|premium|pro|vip|club|newsletter|savings account|tariffs?"
    r"|insurance"
    r"|first class|business class|seasons?|editions?|products?|headsets?|blenders?|trolleys?|candles?|backup"
    r"|thermostats?"
    r"|gift guide|hampers?|packages?|rewards?)"
)
_NEW = r"(?:brand[- ]new|new|newest|latest|upcoming|exclusive|limited[- ]edition|other|matching)"
_PLAN = r"(?:premium|plus|gold|platinum|vip|pro|prime|elite)"
_OFF = r"\d{1,2} ?(?:%|percent|per cent) off"

OFFERED = re.compile(
    "|".join(
        f"(?:{way})"
        for way in (
            rf"\b(?:check(?:ing)? out|discover|explore|browse|shop|sneak peek at)\b {_OURS} (?:\S+ ){{0,2}}?{_NEW}\b"
            r"(?! (?:help|faq|status))",
            r"\b(?:take a look at|have a look at|look at|try|heard (?:about|of)|tried|seen|ask (?:him |her |us )?about"
            rf"|love|like|enjoy|worth)\b our (?:\S+ ){{0,2}}?{_NEW}\b(?! (?:help|faq|status))",
            rf"\b(?:check(?:ing)? out|discover|explore|browse|shop|sneak peek at|grab|stay tuned for|don't miss)\b"
            rf" {_OURS} (?:\S+ ){{0,3}}?{_GOODS}\b",
            rf"\b(?:have a look|take a look|look) at our (?:\S+ ){{0,2}}?(?:bestsellers?|{_NEW}? ?{_GOODS})\b",
            r"\bcheck out what's new\b",
            r"\bour (?:\S+ ){0,2}?(?:brand[- ]new|new|latest) (?:\S+ ){1,4}?(?:is|are|has|have) (?:now |just "
            r"|finally )?"
            r"(?:here|out|live|launched|landed|arrived|worth|on sale)\b",
            r"\bwe(?:'ve| have)? just (?:launched|released|dropped|unveiled) (?:our|a"
            r"|the) (?:\S+ ){0,2}?(?:brand[- ]new|new|latest)"
            r"\b(?! (?:version|fix|patch))",
            r"\bour new \S+ (?:\S+ )?fixes (?:that|this)\b",
            rf"\b(?:upgrade|switch|go|move up) to (?:our |the |a )?(?:\S+ ){{0,2}}?(?:{_PLAN}|business class"
            rf"|first class"
            r"|bundle|tariff|fibre bundle|xl|model|larger|bigger)\b",
            r"\bupgrade (?:your plan|now|today)\b|\bcustomers upgrade\b",
            rf"\bgo {_PLAN}\b|\b{_PLAN} (?:members?|customers?|subscribers?|plan holders?) (?:get|enjoy|never"
            rf"|don't|skip|save)\b",
            rf"\bwith (?:our )?{_PLAN} you (?:would|'d|get|could|can)\b",
            r"\byou(?:'ll| will| might| may| would| could)? (?:also |really |just |surely )*(?:like|love|enjoy) our\b"
            r"(?! (?:help|assistance|support|team|answer|reply|people))",
            r"\b(?:goes|go|pairs?|fits?) (?:perfectly|well|great|nicely|beautifully) with our\b",
            r"\bcustomers who bought\b|\balso bought\b|\bmany customers (?:upgrade|also|choose|love)\b",
            r"\badd (?:our|a|an|the) (?:\S+ ){1,3}?(?:for (?:just|only)|from only)\b",
            r"\bprotect your next \S+ with our\b",
            r"\b(?:join|sign up (?:for|to)|subscribe to|become a member of|become part of) (?:our|the) (?:\S+ ){0,2}?"
            r"(?:club|newsletter|membership|programme|program|rewards?|premium|plus|vip|list|community)\b",
            r"\bdid you know (?:that )?(?:our|you can get|we (?:also|now)|with)\b",
            r"\btreat yourself\b|\bwhy not (?:treat|upgrade|add|switch|try (?:our|the|it next))\b",
            r"\b(?:perfect|great|ideal|best|good) (?:time|moment|chance|opportunity) to (?:try|buy|upgrade"
            r"|switch|get|fill|shop"
            r"|order|book|join)\b",
            r"\bask about our\b",
            r"\bfollow us for\b|\btag (?:a|your) friends?\b|\brefer a friend\b|\b(?:like|share) our (?:page|post)\b",
            r"\bspend them on\b",
            r"\bdownload it and save\b|\btry our\b",
        )
    )
)
"""A product, a plan or a club praised or suggested."""

HELPS = re.compile(
    r"\b(?:help|faq|faqs|status|guides?|manuals?|instructions|articles?|video|form|terms|policy|tracking|hours"
    r"|firmware"
    r"|latest version|update)\b|\b(?:(?<!why )not|no longer|unsubscribe|stop|ended)\b(?! miss| forget)"
    r"|\byou (?:asked|wrote|ordered|bought|paid|had|have|were|chose|signed)\b|\bspare parts?\b"
)
"""What makes it a fact or a help."""

BAIT = re.compile(
    "|".join(
        f"(?:{way})"
        for way in (
            r"\b(?:use|enter|apply|grab|get|with) (?:the |our |this )?(?:promo |discount |voucher )?code [a-z]*\d*\b",
            rf"\b(?:get|save|enjoy|take|and get|for|with|another|everything|yourself with)\b (?:an? |up to "
            rf"|another )?{_OFF}",
            rf"{_OFF} (?:everything|all|your (?:next|first)|until|this|today|our)",
            r"\beverything (?:is )?(?:now )?\d{1,2} ?(?:%|percent) off\b",
            r"\bsave (?:up to )?(?:\d{1,2} ?(?:%|percent)|[$€£] ?\d+|big\b|more\b)",
            r"\bfree (?:shipping|delivery) on (?:all|every|orders)\b|\bfree (?:gift|glass|dinner|dessert"
            r"|drink) (?:with|of|for every)\b"
            r"|\bfirst month free\b|\bwin a free\b",
            r"\bbuy (?:one|two|1|2),? get (?:one|1|a)\b|\b(?:two|2|three|3) for (?:one|1|two|2)\b"
            r"|\b(?:how about|get|enjoy|now|yours|grab) .{0,30}half price\b",
            r"\b(?:flash|black friday|cyber monday|summer|winter|spring|autumn|end[- ]of[- ]season"
            r"|clearance) (?:sale|deals?|offers?)\b"
            r"(?:.{0,60}!|:)",
            r"\b(?:special|exclusive|limited[- ]time|unbeatable|amazing|exciting|(?<!a )great|best) (?:offers?"
            r"|deals?|prices?|savings|rates?)\b",
            r"\b(?:while stocks last|last chance|today only|this weekend only|launch price|early access"
            r"|only a few .{0,40} left)\b",
            r"\b(?:shop|order|book|buy|switch|save|join|upgrade) now\b|\bbook a table now\b|\border now and\b",
            r"\bfor (?:just|only) [$€£]? ?\d+|\bonly [$€£] ?\d+ more\b|\bfor only \d+ more\b",
            r"\b(?:switch|change|move) to our\b.{0,40}\bsave\b|\bbook again\b.{0,30}\bsave\b",
            r"\bdon't (?:miss|forget)(?: out on)?\b.{0,30}\b(?:sale|offers?|deals?|discount|free shipping|savings)\b",
        )
    )
)
"""A discount or a hurry that is to make them buy."""

OWED = re.compile(
    r"\bgoodwill\b|\bas (?:an? )?(?:small )?(?:apology|gesture|thank[- ]you|sorry|compensation)\b|\bto make up for\b"
    r"|\bto make (?:it|this|that) right\b|\b(?<!sorry )for the (?:trouble|wait|delay|mix-?up|two)\b|\bwe owe\b"
    r"|\bcompensat\w+"
    r"|\byou (?:were (?:promised|offered|owed)|used|entered|ordered|bought|paid|signed|took|had|asked|got)\b"
    r"|\b(?:ended|expired|is over|was over|no longer|not|never|already|refunded|by mistake)\b(?! miss| forget)"
    r"|\byour (?:\w+ ){0,2}?(?:vouchers?|codes?|coupons?|gift cards?|discount)\b"
)
"""What this customer has or is owed, or a fact about it."""

ASKED = re.compile(
    r"\b(?:offers?|discounts?|deals?|sales?|vouchers?|promo\w*|coupons?|newsletter|price|prices|cost|costs"
    r"|how much|cheaper"
    r"|free (?:delivery|shipping)|upgrades?|which (?:plan|tariff|model|one|card|size)|recommend|suggest"
    r"|looking for|do you"
    r" (?:sell|have|stock|offer)|in stock|available|new (?:model|range|collection|menu|one)|membership|loyalty"
    r"|gift idea"
    r"|instead of|alternative|quotation|quote|buy|buying|order (?:more|another))\b"
)
"""A customer who asks about an offer or wants to buy."""


def asks_for_offers(asked: str) -> bool:
    """Whether a customer's message, in small letters, asks about something to buy."""
    return bool(ASKED.search(asked))
