"""Errors as exit codes: 1 failed, 2 usage, 3 gate not met, 4 configuration, 5 unreachable, 6 not found, 130 stopped."""

import json
import sys

from care.errors import BadSettings, NotFound, Problem, TactfulError, Unreachable

GATE_NOT_MET = 3
INTERRUPTED = 130


def exit_code(error: TactfulError) -> int:
    """The exit code of one of our errors."""
    if isinstance(error, BadSettings):
        return 4
    if isinstance(error, Unreachable):
        return 5
    if isinstance(error, NotFound):
        return 6
    return 1


def tell(error: TactfulError, *, as_json: bool) -> None:
    """Say on stderr what went wrong; with --json also a problem object on stdout."""
    if as_json:
        problem = {"title": type(error).__name__, "detail": str(error), "code": exit_code(error)}
        sys.stdout.write(json.dumps(problem, ensure_ascii=False) + "\n")
    sys.stderr.write(f"tactful: {error}\n")


def tell_problem(problem: Problem, *, as_json: bool) -> None:
    """Print one thing that somebody has to mend."""
    if as_json:
        said = {"where": problem.where, "what": problem.what, "fix": problem.fix}
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        sys.stdout.write(f"{problem}\n")
