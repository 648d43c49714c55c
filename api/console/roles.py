"""What each role may do, as the page of people shows it. `tests/api/test_people_page.py` tries every line."""

from collections.abc import Sequence

from care.access import Role

EVERYBODY = (Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
LEADS = (Role.SUPERVISOR, Role.ADMIN)
ADMINS = (Role.ADMIN,)

MATRIX: Sequence[tuple[str, Sequence[Role]]] = (
    ("Read cases, answer, decide, hand over, snooze", EVERYBODY),
    ("Let a new colleague's reply go out, unless their own are read first", EVERYBODY),
    ("Reports, plays, views of their own and for all", EVERYBODY),
    ("See what is said in a crisis", EVERYBODY),
    ("Staffing, the live board, the quality review", LEADS),
    ("Declare a crisis or a drill, end it", LEADS),
    ("Remove a view for all that a colleague made", LEADS),
    ("The written plan", LEADS),
    ("Edit a play, undo an edit, decline what is proposed", LEADS),
    ("People, their sessions, keys", ADMINS),
    ("Audit trail, service, values of the settings", ADMINS),
    ("Train, promote and roll back bundles, settle suspects", ADMINS),
)
