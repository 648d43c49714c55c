"""Drafts for real messages, each with the playbook that `tactful playbook new` writes for the trade that fits.

    python -m benchmarks.trade_drafts --data ../shared/data --read 50 --seed 5   for a strict reader
    python -m benchmarks.trade_drafts --data ../shared/data --variety --seed 161   300 first drafts

No text of the data is kept in the project: a reader's marks go into benchmarks/results/drafts-read.md as counts alone.
"""

import argparse
import csv
import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from care.ports import utc_now
from care.preparing import OPEN_SLOTS
from care.reply import Draft
from cli.draft import Answer, DraftingDesk, Row, answered
from playbook.newcomer import Answers, start
from wiring.assemble import Assembly
from wiring.settings import SOURCE, load_settings

SHOP = "shop"
"""The trade of the example playbook."""
COMPANIES = {
    "airline": "Delta British_Airways AmericanAir SouthwestAir VirginTrains AirAsiaSupport AlaskaAir Uber_Support"
    " AskLyft VirginAtlantic SW_Help nationalrailenq GWRHelp VirginAmerica",
    "telecom": "VerizonSupport comcastcares TMobileHelp sprintcare Ask_Spectrum CoxHelp CenturyLinkHelp idea_cares"
    " GloCare USCellularCares",
    "software": "AppleSupport SpotifyCares AskPlayStation AdobeCare XboxSupport ATVIAssist hulu_support DropboxSupport"
    " GoDaddyHelp AzureSupport MicrosoftHelps HPSupport YahooCare",
    "bank": "BofA_Help AskPayPal AskAmex ChaseSupport",
    "food": "ChipotleTweets McDonalds AskPapaJohns Postmates_Help DoorDash_Help askpanera",
    "hotel": "AirbnbHelp",
}
TRADE_OF = {company.casefold(): trade for trade, names in COMPANIES.items() for company in names.split()}
N_VARIETY = 300
_NAMED = re.compile(r"@(\w+)")
_SENTENCE = re.compile(r"[^.!?]+[.!?]*")
_SLOT, _LETTER = re.compile(r"\[\[\w+\]\]"), re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Real:
    """One message of the data, with what it answers, oldest first, and the company that it is for."""

    row: Row
    before: tuple[Row, ...]
    company: str

    @property
    def trade(self) -> str:
        return TRADE_OF.get(self.company.casefold(), SHOP)

    @property
    def is_later(self) -> bool:
        return any(turn.author == self.company for turn in self.before)


def real_messages(folder: Path) -> list[Real]:
    """What customers wrote and nobody has labelled, in the order of the file."""
    source = folder / "twitter_support"
    with (source / "train.csv").open(encoding="utf-8", newline="") as file:
        tweets = list(csv.DictReader(file))
    with (source / "gold.csv").open(encoding="utf-8", newline="") as file:
        labelled = {row["tweet_id"] for row in csv.DictReader(file)}
    rows = {
        tweet["tweet_id"]: Row(
            tweet["tweet_id"], tweet["text"], "x", tweet["author_id"], tweet["in_response_to_tweet_id"].split(".")[0]
        )
        for tweet in tweets
    }
    companies = {tweet["author_id"] for tweet in tweets if tweet["inbound"] == "False"}
    found = []
    for row in rows.values():
        if row.author in companies or row.id in labelled:
            continue
        before = tuple(answered(row, rows))
        company = _company(row, before, companies)
        if company:
            found.append(Real(row, before, company))
    return found


def _company(row: Row, before: Sequence[Row], companies: set[str]) -> str:
    said = next((turn.author for turn in reversed(before) if turn.author in companies), "")
    named = (name for name in _NAMED.findall(row.text) if name in companies)
    return said or next(named, "")


def drawn(messages: Sequence[Real], n: int, *, seed: int) -> list[Real]:
    """So many, half of them later turns, one of a conversation."""
    order = list(messages)
    random.Random(seed).shuffle(order)
    left = {True: n // 2, False: n - n // 2}
    seen: set[str] = set()
    chosen = []
    for message in order:
        thread = message.before[0].id if message.before else message.row.id
        if left[message.is_later] and thread not in seen:
            seen.add(thread)
            left[message.is_later] -= 1
            chosen.append(message)
    return chosen


class Desks:
    """A desk for each trade, opened when it is first needed; what reads messages is shared."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._common = Assembly(load_settings(), is_trial=True)
        self._desks: dict[str, DraftingDesk] = {}
        self._now = utc_now()

    def of(self, trade: str) -> DraftingDesk:
        if trade not in self._desks:
            common = self._common
            parts = Assembly(load_settings(playbook=self._playbook(trade)), is_trial=True)
            book = parts.playbook.edition()
            self._desks[trade] = DraftingDesk(
                common.redactor, common.classifier, book, parts.tone, lambda: self._now, "", common.judge
            )
        return self._desks[trade]

    def _playbook(self, trade: str) -> Path:
        if trade == SHOP:
            return SOURCE / "fixtures" / "playbook"
        folder = self._folder / trade
        if not folder.exists():
            start(folder, trade, Answers("Our Company", contacts="care@ourcompany.example, lead@ourcompany.example"))
        return folder

    def work_on(self, real: Real) -> Answer:
        return self.of(real.trade).work_on(real.row, real.before, explain=False)


def reading(real: Real, answer: Answer) -> Mapping[str, object]:
    """What a strict reader needs of one message."""
    prepared = answer.prepared
    return {
        "id": real.row.id,
        "trade": real.trade,
        "thread": [("customer: " if t.by_customer else "us: ") + t.text for t in prepared.assessed.thread[-3:]],
        "message": real.row.text,
        "action": str(prepared.decision.action),
        "drafts": [(draft.play.partition("@")[0], draft.score, draft.text) for draft in prepared.drafts],
        "asks": prepared.asks,
    }


def variety(drafts: Sequence[Draft]) -> Iterator[str]:
    """How often the most used sentence and opening stand in first drafts, and a slot that says what matters."""
    n = len(drafts)
    sentences = Counter(
        sentence
        for draft in drafts
        for sentence in {part.strip().casefold() for part in _SENTENCE.findall(draft.text)}
        if _LETTER.search(_SLOT.sub("", sentence))
    )
    openings = Counter(" ".join(draft.text.casefold().split()[:4]) for draft in drafts)
    (sentence, n_said), (opening, n_opened) = sentences.most_common(1)[0], openings.most_common(1)[0]
    n_bare = sum(not OPEN_SLOTS.isdisjoint(draft.missing) for draft in drafts)
    yield f"drafts {n}"
    yield f"most used sentence {n_said / n:.3f} ({sentence!r})"
    yield f"most used opening, four words {n_opened / n:.3f} ({opening!r})"
    yield f"with a bare slot {n_bare / n:.3f}"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, required=True, help="the folder with twitter_support")
    asked.add_argument("--read", type=int, default=0)
    asked.add_argument("--variety", action="store_true")
    asked.add_argument("--seed", type=int, default=161)
    options = asked.parse_args()
    messages = real_messages(options.data)
    with tempfile.TemporaryDirectory() as folder:
        desks = Desks(Path(folder))
        for real in drawn(messages, options.read, seed=options.seed) if options.read else ():
            sys.stdout.write(json.dumps(reading(real, desks.work_on(real)), ensure_ascii=False) + "\n")
        if options.variety:
            first = [message for message in messages if not message.is_later]
            random.Random(options.seed).shuffle(first)
            prepared = [desks.work_on(real).prepared for real in first[:N_VARIETY]]
            shown = [each.drafts[0] for each in prepared if each.drafts]
            print(f"first messages {len(prepared)}, with a draft {len(shown) / len(prepared):.3f}")
            print("\n".join(variety(shown)))


if __name__ == "__main__":
    main()
