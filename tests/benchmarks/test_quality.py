"""What a report of figures says about how to get them again."""

import shlex

import pytest

from benchmarks.quality import arguments, command_of


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("--data ../shared/data", "--data ../shared/data"),
        ("--home .tactful --data ../shared/data --cache kept --only hint3", "--data ../shared/data --only hint3"),
        ("--home=/elsewhere/home --cache=/elsewhere/kept --data=../shared/data", "--data ../shared/data"),
        ("--data /home/kim/data --only hint3 --only default", "--data DATA --only hint3 --only default"),
        ("--data d --at-most 100 --folds 1", "--data d --folds 1 --at-most 100"),
    ],
)
def test_the_command_in_a_report_is_whole_and_names_no_place_of_this_machine(words: str, command: str) -> None:
    assert command_of(arguments(shlex.split(words))) == f"python -m benchmarks.quality {command}"


def test_the_command_in_a_report_asks_for_the_same_again() -> None:
    given = arguments(["--data", "../my data", "--only", "hint3", "--at-most", "9", "--home", "/h"])

    again = arguments(shlex.split(command_of(given))[3:])

    assert (again.data, again.only, again.folds, again.at_most) == (given.data, ["hint3"], 5, 9)
