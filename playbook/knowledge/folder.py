"""A folder of knowledge, read: articles, questions with answers, pages; what cannot be used is named and left out."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from care.errors import Problem
from care.knowledge import Passage
from care.ports import Redactor
from playbook.knowledge.article import SETTINGS, Line, Section, cut, read_settings
from playbook.knowledge.markdown import LINK, lines_of
from playbook.knowledge.page import Page, addresses_in
from playbook.knowledge.unsafe import ORDER, dangers_in, has_order, has_script
from playbook.plays import split_front_matter
from playbook.source import Entry, read_yaml

SITEMAP = "sitemap.xml"
READ = (".md", ".csv", ".html", ".htm")
MAX_BYTES = {".csv": 20_000_000}
MAX_PAGE_BYTES = 1_000_000
MAX_PASSAGES = 50_000
MAX_CHARS = 4_000
"""Of a passage; nobody reads a longer one to find an answer."""
_LISTED = ("questions", "channels", "fills")
_DAYS = ("valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class KnowledgeFolder:
    """What was read. passages: those that may be quoted or shown. problems: what is wrong, by file and line."""

    passages: tuple[Passage, ...]
    problems: tuple[Problem, ...]


def read_knowledge(folder: Path, redactor: Redactor) -> KnowledgeFolder:
    """Read every file of a folder; one that is not there is empty. Never raises for what is in it.

    redactor: finds the secrets that keep a passage out.
    """
    reader = _Reader(folder, redactor)
    passages = tuple(reader.passages()) if folder.is_dir() else ()
    return KnowledgeFolder(passages, tuple(dict.fromkeys(reader.problems)))


def state_of_folder(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of every file: cheap to look at, different after every edit."""
    found = []
    for path in sorted(folder.rglob("*")):
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((path.relative_to(folder).as_posix(), status.st_size, status.st_mtime_ns))
    return tuple(found)


@dataclass
class _Reader:
    folder: Path
    redactor: Redactor
    problems: list[Problem] = field(default_factory=list)

    def passages(self) -> Iterator[Passage]:
        n_read = 0
        for path in self._files():
            for section in self._sections(path):
                if n_read == MAX_PASSAGES:
                    self._wrong(self._name(path), f"is beyond the {MAX_PASSAGES:,} passages that are read")
                    return
                if self._is_sound(section):
                    n_read += 1
                    yield section.passage

    def _files(self) -> Iterator[Path]:
        root = self.folder.resolve()
        for path in sorted(self.folder.rglob("*")):
            name = self._name(path)
            is_hidden = any(part.startswith(".") for part in path.relative_to(self.folder).parts)
            if is_hidden or not path.is_file() or path.name == SITEMAP:
                continue
            if not path.resolve().is_relative_to(root):
                self._wrong(name, "leads out of the folder", "copy the file here")
            elif path.suffix.lower() not in READ:
                self._wrong(name, "is not read", f"save it as one of {', '.join(READ)}")
            elif path.stat().st_size > MAX_BYTES.get(path.suffix.lower(), MAX_PAGE_BYTES):
                most = MAX_BYTES.get(path.suffix.lower(), MAX_PAGE_BYTES) // 1_000_000
                self._wrong(name, f"is larger than {most} MB and is not read", "cut it into articles")
            else:
                yield path

    def _sections(self, path: Path) -> Iterator[Section]:
        name = self._name(path)
        try:
            text = path.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            self._wrong(name, f"cannot be read: {type(error).__name__}", "save it as UTF-8 text")
            return
        for n, line in enumerate(text.split("\n"), start=1):
            if has_order(line):
                self._wrong(f"{name}:{n}", ORDER.what, ORDER.fix)
        suffix = path.suffix.lower()
        read = self._article if suffix == ".md" else self._answers if suffix == ".csv" else self._page
        n_before = len(self.problems)
        sections = list(read(name, text))
        if not sections and len(self.problems) == n_before:
            self._wrong(name, "says nothing that can be quoted")
        yield from sections

    def _article(self, name: str, text: str) -> Iterator[Section]:
        front, body, first_line = split_front_matter(text) or ("", text, 1)
        n_before = len(self.problems)
        entry = read_yaml(front, file=name, problems=self.problems, first_line=2 if front else 1)
        if len(self.problems) > n_before:
            return
        for n, line in enumerate(body.split("\n"), start=first_line):
            for target in LINK.finditer(line):
                self._look_up(target[2], name, n)
        about = self._settings(entry)
        if about is not None:
            yield from cut(lines_of(body, first_line=first_line), about, file=name)

    def _page(self, name: str, text: str) -> Iterator[Section]:
        page = Page(text)
        at = next((n for n, line in enumerate(text.split("\n"), start=1) if has_script(line)), 0)
        if "<script" in text.lower() and at:
            self._wrong(f"{name}:{at}", "holds a script, which is left out", "a copy without it is safer to keep")
        for target, n in page.links:
            self._look_up(target, name, n)
        about = self._settings(_table(page.said, name, 1, self.problems))
        if about is None:
            return
        title = about.title or page.title
        link = about.link or self._addresses.get(name, "")
        yield from cut(page.lines, replace(about, title=title, link=link), file=name)

    def _answers(self, name: str, text: str) -> Iterator[Section]:
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
        missing = [column for column in ("question", "answer") if column not in (rows.fieldnames or ())]
        if missing:
            self._wrong(
                f"{name}:1", f"has no column {' and '.join(missing)}", "question, answer, and settings you like"
            )
            return
        try:
            line = 2
            for row in rows:
                if (section := self._answer(row, name, line)) is not None:
                    yield section
                line = rows.line_num + 1
        except csv.Error:
            self._wrong(f"{name}:{rows.line_num}", "is no row of a table", "a field may hold 131,072 characters")

    def _answer(self, row: dict[str, str | None], name: str, line: int) -> Section | None:
        question, answer = (" ".join((row[column] or "").split()) for column in ("question", "answer"))
        if not question or not answer:
            self._wrong(f"{name}:{line}", "has a question without an answer, or an answer without a question")
            return None
        said = {column: row[column] or "" for column in SETTINGS if (row.get(column) or "").strip()}
        about = self._settings(_table(said, name, line, self.problems))
        if about is None:
            return None
        about = replace(about, title=about.title or question, questions=(question, *about.questions))
        return next(cut([Line(answer, line)], about, file=name), None)

    def _settings(self, entry: Entry) -> Passage | None:
        """What is said of an article; None where any of it is wrong: a typo may have hidden that it is internal."""
        n_before = len(self.problems)
        about = read_settings(entry)
        if len(self.problems) > n_before:
            self._wrong(f"{entry.file}:{entry.line}", "is not used until its settings are right")
            return None
        if about.link:
            self._look_up(about.link, entry.file, entry.get("link").line)
        return about

    def _look_up(self, target: str, name: str, line: int) -> None:
        """Note a link that leads nowhere: to a file that is not there, or to no address at all."""
        where, parts = f"{name}:{line}", urlsplit(target)
        if parts.scheme in ("mailto", "tel") or target.startswith("#"):
            return
        if parts.scheme in ("http", "https"):
            if "." not in (parts.hostname or "") or parts.hostname == "localhost":
                self._wrong(where, "links to an address that is none", "a whole one, like https://example.org/help")
            return
        if parts.scheme:
            self._wrong(where, f"holds a link of the kind {parts.scheme[:12]}, which nobody should follow")
            return
        root = self.folder.resolve()
        start = root if parts.path.startswith("/") else (root / name).parent
        leads_to = (start / unquote(parts.path).lstrip("/")).resolve()
        if not leads_to.is_relative_to(root) or not leads_to.exists():
            self._wrong(where, "links to a file that is not there", "mend the link, or add the file")

    @cached_property
    def _addresses(self) -> dict[str, str]:
        """By page, its address on the web, as the sitemap has it."""
        try:
            sitemap = (self.folder / SITEMAP).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return {}
        found = {}
        for address, line in addresses_in(sitemap):
            name = self._page_of(address)
            if name is None:
                self._wrong(f"{SITEMAP}:{line}", "names a page that is not in the folder", "save the page, or drop it")
            elif address.startswith("https://"):
                found[name] = address
        return found

    def _page_of(self, address: str) -> str | None:
        path = unquote(urlsplit(address).path).strip("/")
        for name in (f"{path}.html", f"{path}/index.html" if path else "index.html", path, f"{path}.htm"):
            if name and ".." not in PurePosixPath(name).parts and (self.folder / name).is_file():
                return name
        return None

    def _is_sound(self, section: Section) -> bool:
        """Whether a passage may be quoted; why not is noted with the line that is to blame."""
        passage, place = section.passage, section.passage.place
        file = place.rpartition(":")[0]
        is_sound = True
        said = (Line(text, int(place.rpartition(":")[2])) for text in (passage.title, *passage.questions))
        for line in (*said, *section.lines):
            for danger in dangers_in(line.text, self.redactor):
                self._wrong(f"{file}:{line.line}", danger.what, danger.fix)
                is_sound = False
        if len(passage.text) > MAX_CHARS:
            self._wrong(place, f"is longer than {MAX_CHARS:,} characters", "cut it by headings")
        return is_sound

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _wrong(self, where: str, what: str, fix: str = "") -> None:
        self.problems.append(Problem(where, what, fix))


def _table(said: dict[str, str], file: str, line: int, problems: list[Problem]) -> Entry:
    """Settings that came as texts, as front matter would have them: lists parted by `|`, days as days."""
    values: dict[str, Entry] = {}
    for name, text in said.items():
        value: object = text.strip()
        if name in _LISTED:
            value = [Entry(file, name, line, part.strip(), problems) for part in text.split("|") if part.strip()]
        elif name in _DAYS:
            value = _day(text.strip())
        values[name] = Entry(file, name, line, value, problems)
    return Entry(file, "", line, values, problems)


def _day(text: str) -> object:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text
