"""Everything a person can do in the console, with its key: the one list behind keys, their help and the palette."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from api.console.roles import ADMINS, EVERYBODY, LEADS
from care.access import Person, Role

WORDS_BETWEEN = frozenset({"then", "or", "to"})
"""Words in `Command.keys` that are no keys."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do. keys: as people read them, such as "X then 1 to 5"; "" for none.

    run: what the scripts call it; "" for a page, or what only keys can do. press: the browser's names of the single
    keys that do it, or "g i" for one after the other. target: the element it needs; it is offered where that is there.
    href: the page it goes to. may: the roles that may do it.
    """

    group: str
    said: str
    keys: str = ""
    run: str = ""
    press: Sequence[str] = ()
    target: str = ""
    href: str = ""
    may: Sequence[Role] = EVERYBODY

    @property
    def parts(self) -> Sequence[tuple[str, bool]]:
        """The keys one by one, with what is said between them; whether each is a key."""
        return [(part, part not in WORDS_BETWEEN) for part in self.keys.split()]

    @property
    def is_offered(self) -> bool:
        """Whether the palette can do it."""
        return bool(self.run or self.href)


def _act(name: str) -> str:
    return f"[data-act-key='{name}']"


def _page(said: str, href: str, key: str = "", *, may: Sequence[Role] = EVERYBODY) -> Command:
    press = (f"g {key.lower()}",) if key else ()
    return Command("Go to", said, f"G then {key}" if key else "", press=press, href=href, may=may)


COMMANDS = (
    Command("List", "Next case", "J", "next", ("j", "ArrowDown"), "[data-row]"),
    Command("List", "Previous case", "K", "previous", ("k", "ArrowUp"), "[data-row]"),
    Command("List", "Open the case that has the focus", "Enter or O", "open", ("o",), "[data-row]"),
    Command("List", "Back to one's place in the list", "U or Esc", "back", ("u", "Escape"), "#case"),
    Command("List", "Search", "/", "search", ("/",), "#search"),
    Command("List", "Filter the list", "F", "filter", ("f",), _act("filter")),
    Command("List", "Select the case, in the list or once one is selected", "X", "pick", target=".pick-row"),
    Command("List", "Select all from the last selected to this", "Shift X", "pick-to", ("X",), ".pick-row"),
    Command("List", "Save this list under a name", run="save-view", target=_act("save-view")),
    Command("Reply", "Edit the reply; this takes the case", "E", "edit", ("e",), "#text"),
    Command("Reply", "Next slot to fill, while editing", "Tab"),
    Command("Reply", "Choose a draft", "1 2 3"),
    Command("Reply", "Next draft", "N", "next-draft", ("n",), "[data-draft]"),
    Command("Reply", "Previous draft", "P", "previous-draft", ("p",), "[data-draft]"),
    Command("Reply", "Send", "Ctrl Enter", "send", (), "#send"),
    Command("Reply", "Send, then the case below", "Ctrl Shift Enter", "send-next", (), "#send-next"),
    Command("Reply", "Undo what you did last, outside the text", "Ctrl Z", "undo", (), _act("undo")),
    Command("Reply", "Answer in private and say so in public, or not", "B", "pair", ("b",), "#also"),
    Command(
        "Reply", "Reject this draft with a reason; the next is shown", "X then 1 to 5", "reject", ("x",), "#reject"
    ),
    Command("Case", "No answer needed", "I", "dismiss", ("i",), _act("dismiss")),
    Command("Case", "Assign to me, or give back", "A", "assign", ("a",), _act("assign")),
    Command("Case", "Snooze until a time, or wake", "Z then 1 to 4", "snooze", ("z",), _act("snooze")),
    Command("Case", "Change the labels; Enter keeps one", "L", "labels", ("l",), _act("labels")),
    Command("Case", "Decide otherwise", run="decide", target=_act("decide")),
    Command("Case", "Hand over", run="hand", target=_act("hand")),
    Command("Case", "Write a note for colleagues", run="note", target="#notes textarea"),
    Command("Case", "The offline steps", "#", "offline", ("#",), "#offline"),
    Command("Case", "Resolve", run="resolve", target=_act("resolve")),
    Command("Case", "Reopen", run="reopen", target=_act("reopen")),
    _page("Inbox", "/", "I"),
    _page("My cases", "/?view=mine", "M"),
    _page("What is snoozed", "/?view=waiting&clock=snoozed", "Z"),
    _page("Needs a look", "/needs-a-look", "N"),
    _page("Plays", "/plays", "P"),
    _page("Report", "/report", "R"),
    _page("What knowledge lacked", "/report/gaps"),
    _page("The live board", "/board", may=LEADS),
    _page("Crisis", "/crisis"),
    _page("Quality review", "/quality", may=LEADS),
    _page("Staffing", "/staffing", may=LEADS),
    _page("The written plan", "/plan", may=LEADS),
    _page("Settings", "/settings", "S"),
    _page("People", "/people", may=ADMINS),
    _page("Keys of programs", "/keys", may=ADMINS),
    _page("Values of the settings", "/settings/values", may=ADMINS),
    _page("Service", "/service", may=ADMINS),
    _page("Audit trail", "/audit", may=ADMINS),
    _page("API reference", "/docs"),
    Command("Help", "Do anything by its name", "Ctrl K", press=()),
    Command("Help", "The keys", "?", "keys", ("?",)),
    Command("Help", "Sign out", run="sign-out", target=_act("sign-out")),
)


def commands_for(person: Person) -> Sequence[Command]:
    """Those that this person may use."""
    return [command for command in COMMANDS if person.role in command.may]


def grouped(commands: Sequence[Command]) -> Sequence[tuple[str, Sequence[Command]]]:
    """By group, in the order of the list."""
    return [(group, list(members)) for group, members in groupby(commands, key=lambda command: command.group)]
