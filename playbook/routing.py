"""`routing` of a playbook: who is given which cases."""

from care.routing import RoutingPolicy, Skills
from playbook.source import Entry


def routing(entry: Entry, *, teams: tuple[str, ...], channels: tuple[str, ...], language: str) -> RoutingPolicy:
    """By mail address, what each person may be given. language: what the team writes."""
    people = {}
    usual = Skills()
    rows = entry.only("people").get("people")
    for address, row in rows.items():
        row = row.only("teams", "channels", "languages", "most")
        if "@" not in address:
            row.wrong("is no mail address", "name people by what they sign in with")
        people[address.strip().casefold()] = Skills(
            row.get("teams").some_of(teams),
            row.get("channels").some_of(channels),
            frozenset(row.get("languages").texts()),
            row.get("most").whole(usual.most, least=1),
        )
    return RoutingPolicy(people, language)
