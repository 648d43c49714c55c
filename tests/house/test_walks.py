"""The rows of `docs/house.md` that say what a change touches are true: each is walked in a copy of the house."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from api.console import reply_actions
from playbook.book import load
from tests.house.test_plan import MAY_IMPORT
from tests.model.tiny import tiny_folder

ROOT = Path(__file__).resolve().parents[2]


class Copy:
    """The rooms in a folder of their own, to be changed as a newcomer would, and run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        for room in MAY_IMPORT:
            shutil.copytree(ROOT / room, folder / room)
        shutil.copy(ROOT / "alembic.ini", folder)

    def bring(self, path: str) -> None:
        """Have a file or a folder that is no room."""
        shutil.copytree(ROOT / path, self.folder / path, ignore=shutil.ignore_patterns("__pycache__"))

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def add_line(self, path: str, line: str, *, after: str) -> None:
        """Add one line behind the one that is named."""
        self.replace(path, after, after + line)

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text("utf-8")
        assert text.count(old) == 1, f"{path} has no single {old!r}"
        self.write(path, text.replace(old, new))

    def pytest(self, *which: str) -> str:
        return self.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", *which)

    def make(self, *words: str) -> str:
        """What a word of the Makefile says, with the Python that runs this test in place of one set up anew."""
        shutil.copy(ROOT / "Makefile", self.folder)
        return self._run("make", "-s", "-o", ".venv/.ready", *words, f"BIN={Path(sys.executable).parent}")

    def run(self, *python: str) -> str:
        return self._run(sys.executable, *python)

    def _run(self, *command: str) -> str:
        """What a command says in this house; it fails where the command does."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TACTFUL_")}
        environment |= {"PYTHONPATH": str(self.folder), "TACTFUL_HOME": str(self.home), "PYTHONDONTWRITEBYTECODE": "1"}
        ran = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
        return ran.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "house")


PIGEON = '''"""Carrier pigeons: the loft hands in what they bring, and takes what they are to carry."""

from dataclasses import dataclass
from pathlib import Path

from care.reply import Reply
from channels import payload
from channels.inbox import SignedInbox


@dataclass(slots=True)
class PigeonChannel(SignedInbox):
    """loft: the folder that a pigeon takes its letters from."""

    loft: Path
    is_idempotent: bool = False

    @property
    def is_rehearsal(self) -> bool:
        return False

    def send(self, reply: Reply) -> str:
        (self.loft / reply.id).write_text(reply.text)
        return reply.id

    def check(self, to: str) -> str:
        (self.loft / "test").write_text(payload.TEST_TEXT)
        return f"a pigeon flies to {to}"
'''


def test_a_channel_is_one_file_one_folder_with_a_payload_and_one_line(copy: Copy) -> None:
    copy.bring("tests/contracts")
    copy.bring("fixtures")
    copy.write("channels/pigeon.py", PIGEON)
    copy.write("fixtures/payloads/pigeon/settings.toml", f'loft = "{copy.folder}"\n')
    copy.write(
        "fixtures/payloads/pigeon/message.json",
        '{"id": "p1", "text": "Where is my order AB-10442?", "author": {"handle": "kim"}}',
    )
    line = '    "pigeon": "channels.pigeon:PigeonChannel",\n'
    copy.add_line("wiring/channel_kinds.py", line, after='    "email": "channels.email:EmailChannel",\n')
    copy.write("tactful.toml", f'[channels.dovecote]\nkind = "pigeon"\nloft = "{copy.folder}"\n')

    kept = copy.pytest("tests", "-k", "pigeon")
    copy.run("-m", "cli.main", "migrate")
    listed = copy.run("-m", "cli.main", "channels", "list")
    live = copy.run("-m", "cli.main", "channels", "go-live", "dovecote", "--to", "kim", "--yes")

    assert " passed" in kept
    assert "dovecote\tpigeon\tprivate\trehearses; tactful channels go-live dovecote" in listed
    assert "a pigeon flies to kim." in live
    assert (copy.folder / "test").exists()


def test_a_kind_of_sensitive_data_is_one_file_and_its_lines_in_the_table_of_kinds(copy: Copy) -> None:
    copy.write(
        "model/recognisers/loyalty.py",
        '''"""Numbers of loyalty cards."""

import re
from collections.abc import Iterator

from model.recognisers.prepared import PreparedText
from model.recognisers.sighting import Recogniser, Sighting

_NUMBER = re.compile(r"(?<![a-z0-9])lc-[0-9]{6}(?![a-z0-9])")


def _numbers(reading: PreparedText) -> Iterator[Sighting]:
    for match in _NUMBER.finditer(reading.lower):
        yield Sighting(*match.span(), "loyalty_card", 0.9, "loyalty")


LOYALTY_CARDS = Recogniser("loyalty", _numbers, n_digits=6, marks=("lc-",))
''',
    )
    table = "model/sensitive.py"
    line = "from model.recognisers.loyalty import LOYALTY_CARDS\n"
    copy.add_line(table, line, after="from model.recognisers.ids import DOCUMENTS, SSNS\n")
    copy.add_line(table, '    "loyalty_card": Kind(_MASK, 21),\n', after='    "person_name": Kind(_MASK, 30),\n')
    copy.add_line(table, "    LOYALTY_CARDS,\n", after="RECOGNISERS: tuple[Recogniser, ...] = (\n")

    assert copy.run("-m", "cli.main", "redact", "my card LC-204817 please") == "my card <LOYALTY_CARD> please\n"


SCHEDULE = """
from tests.doubles import inbound

def test_the_wait(journey, store, clock):
    [message_id] = journey.receive([inbound()])
    with store() as work:
        work.tasks.fail(work.tasks.claim(message_id, lease_s=90), problem="RuntimeError")
    clock.advance(76)
    with store() as work:
        assert work.recovery.unrung_tasks(unrung_s=3600) == []
    clock.advance(1)
    with store() as work:
        assert work.recovery.unrung_tasks(unrung_s=3600) == [message_id]
"""


def test_a_retry_schedule_is_numbers_in_one_file(copy: Copy) -> None:
    copy.bring("tests")
    copy.replace("care/retries.py", "PREPARE = Retries(back_off_s=(1.0,", "PREPARE = Retries(back_off_s=(77.0,")
    copy.write("tests/test_schedule.py", SCHEDULE)

    assert "1 passed" in copy.pytest("tests/test_schedule.py")


def test_an_index_is_one_line_and_a_word_of_make(copy: Copy) -> None:
    copy.bring("tests")
    database = f"sqlite:///{copy.folder / 'tactful.db'}"
    line = '        Index(None, "handle", "received_at"),\n'
    copy.add_line("store/tables.py", line, after='        Index(None, "received_at", "id"),\n')

    copy.make("migration", "NAME=messages by who wrote them")
    copy.run("-c", f"from store.migrate import migrate; migrate({database!r})")

    assert len(list(copy.folder.glob("store/migrations/versions/*_messages_by_who_wrote_them.py"))) == 1
    asked = f"from tests.tables import differences; print(differences({database!r}))"
    assert copy.run("-c", asked) == "[]\n"
    with closing(sqlite3.connect(copy.folder / "tactful.db")) as connection:
        indexes = connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()
    assert ("ix_message_handle_received_at",) in indexes


def test_a_cue_is_one_line_of_the_playbook(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "fixtures" / "playbook", tmp_path / "playbook"))
    main = folder / "playbook.yaml"
    main.write_text(
        main.read_text("utf-8").replace("\ncues:\n", "\ncues:\n  asks_for_gift_wrap: [gift wrap]\n"), "utf-8"
    )

    assert "asks_for_gift_wrap" in load(folder).policy.cues_in("Do you do gift wrap?")


def test_a_field_of_the_answer_of_classify_is_said_in_one_file_and_stands_in_service_command_and_document(
    copy: Copy,
) -> None:
    shape = "wiring/shapes/reading.py"
    copy.add_line(shape, "    n_characters: int\n", after="    redacted_text: str\n")
    line = '        "n_characters": len(value.sensitive.text),\n'
    copy.add_line(shape, line, after='        "redacted_text": value.sensitive.text,\n')

    told = copy.run("-m", "cli.main", "classify", "Where is it?", "--bundle", str(tiny_folder()), "--json")
    shapes = json.loads(copy.run("-m", "cli.main", "openapi"))["components"]["schemas"]

    assert json.loads(told)["n_characters"] == len("Where is it?")
    assert shapes["ClassifiedOut"]["properties"]["n_characters"]["type"] == "integer"


def test_the_button_that_sends_a_reply_leads_to_the_function_that_sends_it() -> None:
    composer = (ROOT / "api/console/templates/composer.html").read_text("utf-8")
    form = composer.partition('<form id="reply"')[2].partition("</form>")[0]
    [address] = re.findall(r' action="/cases/\{\{ c\.id \}\}(/[a-z]+)"', form)

    served = {route.path: route.endpoint for route in reply_actions.router.routes if isinstance(route, APIRoute)}

    assert ">Send" in form.replace("{{ ", "").replace('"Close in" if c.composer.kind == "close" else "', ">")
    assert served[f"/cases/{{case_id}}{address}"] is reply_actions.send_reply
