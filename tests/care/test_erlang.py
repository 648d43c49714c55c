"""Erlang C and Erlang A against figures that others have published, and against each other."""

import pytest

from care.erlang import Queue, blocked, servers_for


def test_erlang_b_and_c_are_those_of_the_tables() -> None:
    """Source: I. Angus, "An introduction to Erlang B and Erlang C" (2001): 10 lines, 5 erlangs."""
    assert blocked(10, 5) == pytest.approx(0.0184, abs=5e-5)
    assert Queue(10, 5, 1).waits == pytest.approx(0.0361, abs=5e-5)


def test_erlang_c_gives_the_published_worked_examples() -> None:
    """Sources: Call Centre Helper, "Erlang C formula" (100 calls of 180 s in half an hour, 80 % in 20 s); Mitan, "The
    Erlang-C formula" (360 calls of 240 s in half an hour, 55 agents, 15 s)."""
    helper, mitan = Queue(14, 10, 180), Queue(55, 48, 240)

    assert servers_for(10, 180, share=0.8, within_s=20, occupancy=0.85) == 14
    assert (round(helper.waits, 3), round(helper.answered_within(20), 3)) == (0.174, 0.888)
    assert (round(helper.mean_wait_s, 1), round(helper.occupancy, 3)) == (7.8, 0.714)
    assert (round(mitan.waits, 3), round(mitan.mean_wait_s, 1), round(mitan.occupancy, 3)) == (0.239, 8.2, 0.873)


def test_erlang_a_gives_the_published_comparison_with_erlang_c() -> None:
    """Source: A. Mandelbaum and S. Zeltyn (2005), 50 agents, 48 calls a minute, of a minute, patience of two minutes:
    3.1 % leave, mean wait 3.7 s, utilisation 93 %; by Erlang C 20.8 s and 96 %."""
    palm, erlang = Queue(50, 48, 60, 120), Queue(50, 48, 60)

    assert (round(palm.left, 3), round(palm.mean_wait_s, 1), round(palm.occupancy, 2)) == (0.031, 3.7, 0.93)
    assert (erlang.left, round(erlang.mean_wait_s, 1), round(erlang.occupancy, 2)) == (0, 20.8, 0.96)


@pytest.mark.parametrize("servers", [3, 8, 12, 40])
def test_everybody_with_patience_is_answered_in_the_end(servers: int) -> None:
    queue = Queue(servers, 10, 300, 600)

    assert queue.answered_within(1e6) == pytest.approx(1 - queue.left, abs=1e-4)


@pytest.mark.parametrize("servers", [12, 15])
def test_with_patience_without_end_erlang_a_is_erlang_c(servers: int) -> None:
    patient, erlang = Queue(servers, 10, 180, 1e6), Queue(servers, 10, 180)

    assert patient.waits == pytest.approx(erlang.waits, rel=2e-3)
    assert patient.answered_within(60) == pytest.approx(erlang.answered_within(60), abs=2e-3)


def test_more_servers_than_the_load_where_nobody_leaves_and_none_where_nothing_comes() -> None:
    assert Queue(10, 10, 180).answered_within(3600) == 0
    assert Queue(0, 0, 180).answered_within(20) == 1
    assert Queue(0, 5, 180, 60).answered_within(20) == 0
    assert servers_for(0, 180, share=0.9, within_s=60) == 0
    assert servers_for(10, 180, share=0.5, within_s=7200, occupancy=0.8) == 13
    assert servers_for(10, 180, share=0.8, within_s=20, patience_s=60) < 14
