"""The processes under `tactful up`: started, watched, started again, and ended to the last one."""

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from wiring.processes import FROZEN_S, NAME, beat_of, end_group, note_restart, on_a_leash, silent_s

# Longer than the longest job (60 s) plus its watchdog's patience.
STOP_TIMEOUT_S = 75.0
MAX_BACK_OFF_S = 30.0


def say(text: str) -> None:
    typer.echo(text, err=True)


@dataclass(slots=True)
class Child:
    """One process that is always started again, whatever its exit code: RQ workers leave with 0 when Redis blinks."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    home: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    back_off_s: float = 1.0
    start_again_at: float = 0.0

    def start(self) -> None:
        beat_of(self.home, self.name).unlink(missing_ok=True)
        # A process group of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops the others.
        env = {**self.env, NAME: self.name}
        self.process = subprocess.Popen(on_a_leash(self.command), env=env, start_new_session=True)
        self.started_at = time.monotonic()

    def tend(self) -> bool:
        """End it when it is frozen, and start it again when it has ended, later each time it ends quickly.

        True when there is another process now.
        """
        now = time.monotonic()
        if self.process is not None:
            if self.process.poll() is None:
                if (silent_s(self.home, self.name) or 0.0) > FROZEN_S:
                    say(f"{self.name} shows no life for {FROZEN_S:.0f} s; replacing it")
                    end_group(self.process.pid, signal.SIGKILL)
                return False
            lived_s = now - self.started_at
            self.back_off_s = 1.0 if lived_s > 60 else min(self.back_off_s * 2, MAX_BACK_OFF_S)
            self.start_again_at = now + (0.0 if lived_s > 60 else self.back_off_s / 2)
            say(f"{self.name} ended with {self.process.returncode}; starting it again")
            self.process = None
        if now < self.start_again_at:
            return False
        self.start()
        note_restart(self.home, self.name)
        return True


def stop(children: Sequence[Child], *, is_hurried: Callable[[], bool]) -> None:
    """Ask every process to finish, wait, and end by force what does not; at once when a person asks again."""
    running = [child.process for child in children if child.process is not None and child.process.poll() is None]
    for process in running:
        end_group(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while any(process.poll() is None for process in running):
        if is_hurried() or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    for process in running:
        # The whole group: what a process started itself must not outlive it.
        end_group(process.pid, signal.SIGKILL)
        process.wait()


def pids(children: Sequence[Child]) -> dict[str, int]:
    """By name, those that run."""
    return {child.name: child.process.pid for child in children if child.process is not None}
