"""What every result says first: when, where, and by which command."""

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"


def heading(title: str) -> str:
    """A Markdown heading with date, machine, versions and command."""
    cpu = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")
        ]
        cpu = names[0] if names else cpu
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    command = "python " + " ".join([str(Path(sys.argv[0]).resolve().relative_to(ROOT)), *sys.argv[1:]])
    facts = [
        f"{datetime.now(UTC):%Y-%m-%d}",
        f"{os.cpu_count()} cores, {cpu}",
        f"Python {platform.python_version()}",
        f"commit {commit.stdout.strip() or 'unknown'}",
        f"`{command}`",
    ]
    return f"# {title}\n\n{' · '.join(facts)}\n"


def row(*cells: object) -> str:
    """One line of a Markdown table."""
    return "| " + " | ".join(f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in cells) + " |"


def percentile(values: list[float], share: float) -> float:
    """The value under which this share of them lies; nearest rank. Raises ValueError for none."""
    if not values:
        raise ValueError("no values to rank")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
