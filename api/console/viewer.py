"""Who looks at a page, when, and beside whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from api.console.presence_view import Colleagues


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever looks. names: person id -> name, of everybody. signs_as: how they sign.

    others: id and name of each colleague who may come in. is_checked: a colleague reads first what they write.
    """

    id: str
    names: Mapping[str, str]
    now: datetime
    signs_as: str = ""
    colleagues: Colleagues = field(default_factory=Colleagues)
    others: Sequence[tuple[str, str]] = ()
    is_checked: bool = False

    def name(self, id: str) -> str:
        """A person by id; a contact is called as the playbook names them."""
        gone = "somebody who left" if id.startswith("per_") else id
        return self.names.get(id, "tactful" if id == "tactful" else gone)
