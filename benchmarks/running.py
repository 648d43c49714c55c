"""A whole running service on this machine, in a data folder of its own that is thrown away."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.machine import ROOT


@dataclass(frozen=True, slots=True)
class Service:
    """What is running and how to reach it. process: the supervisor's."""

    url: str
    key: str
    email: str
    password: str
    home: Path
    process: subprocess.Popen[bytes]

    def api(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, headers={"authorization": f"Bearer {self.key}"}, timeout=30)

    def resident_mb(self) -> dict[str, float]:
        """Resident memory of each of its processes, by what it does."""
        return {name: resident_mb(folder) for name, folder in self._processes().items()}

    def cpu_s(self, name: str) -> float:
        """CPU that the process which does this has used so far, system calls included."""
        # The name before it may hold blanks; what follows its bracket begins with the third field.
        fields = (self._processes()[name] / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _processes(self) -> dict[str, Path]:
        """The folders in /proc of its processes, by what they do."""
        processes = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_text().split("\0")
                env = (folder / "environ").read_text()
            except OSError:
                continue
            if f"TACTFUL_HOME={self.home}" in env and "cli.main" in words:
                does = words[words.index("cli.main") + 1 :]
                processes[" ".join(word for word in does if word and not word.startswith("-"))] = folder
        return processes


def resident_mb(folder: Path) -> float:
    lines = (folder / "status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


@contextmanager
def service(env: Mapping[str, str] | None = None) -> Iterator[Service]:
    """Start `tactful up` with the encoder and the bundles of TACTFUL_HOME, and stop it at the end."""
    trained = Path(os.environ.get("TACTFUL_HOME", ROOT / ".tactful"))
    home = Path(tempfile.mkdtemp(prefix="tactful-bench-"))
    for part in ("encoder", "bundles"):
        shutil.copytree(trained / part, home / part, symlinks=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "up", "--json", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "TACTFUL_HOME": str(home), **(env or {})},
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        ready: dict[str, Any] = json.loads(process.stdout.readline())
        yield Service(ready["url"], ready["key"], ready["email"], ready["password"], home, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)
        if process.stdout is not None:
            process.stdout.close()
        shutil.rmtree(home, ignore_errors=True)
