"""docs/security.md names every requirement of level 1 once, and what it says of the code is so."""

import re
from pathlib import Path

from tests.house.test_plan import FILES, ROOT

PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")

LEVEL_1 = """
    1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.5.1 2.1.1 2.2.1 2.2.2 2.3.1 3.2.1 3.2.2 3.3.1 3.4.1 3.4.2 3.5.1
    3.5.2 3.5.3 4.1.1 4.4.1 5.2.1 5.2.2 5.3.1 5.3.2 6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1
    6.3.2 6.4.1 6.4.2 7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2 8.1.1 8.2.1 8.2.2 8.3.1 9.1.1 9.1.2 9.1.3 9.2.1 10.4.1
    10.4.2 10.4.3 10.4.4 10.4.5 11.3.1 11.3.2 11.4.1 12.1.1 12.2.1 12.2.2 13.4.1 14.2.1 14.3.1 15.1.1 15.2.1
    15.3.1
""".split()
"""Source: OWASP ASVS 5.0.0, the requirements of level 1."""

DANGEROUS = re.compile(
    r"shell=True|os\.system\(|\bpickle\.loads?\(|joblib\.load\(|torch\.load\(|(?<![\w.])eval\(|(?<![\w.])exec\("
)


def named(row: str) -> list[str]:
    """Requirements that a row begins with: `9.1.1, 9.1.2`, `10.4.1 to 10.4.5`."""
    cell = row.split("|")[1]
    if span := re.search(r"(\d+\.\d+)\.(\d+) to \1\.(\d+)", cell):
        return [f"{span[1]}.{n}" for n in range(int(span[2]), int(span[3]) + 1)]
    return re.findall(r"\d+\.\d+\.\d+", cell)


def test_every_requirement_of_level_1_has_its_row() -> None:
    table = PAGE.partition("## Level 1")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if re.match(r"\| \d", line)]

    assert len(LEVEL_1) == 70
    assert [id for row in rows for id in named(row)] == LEVEL_1


def test_no_shell_is_called_and_no_code_is_made_from_data() -> None:
    assert [str(path.relative_to(ROOT)) for path in FILES if DANGEROUS.search(code_of(path))] == []


def code_of(path: Path) -> str:
    return re.sub(r'"""[\s\S]*?"""|#.*', "", path.read_text("utf-8"))
