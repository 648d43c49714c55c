"""Heaps shared by threads; in a process of its own, because it holds for a whole process."""

import os
import platform
import subprocess
import sys

import pytest

COUNT_HEAPS = """
import ctypes, threading
from wiring.memory import share_heaps
share_heaps()
all_have_some, counted = threading.Barrier(13), threading.Event()
def hold():
    kept = [bytes(5_000) for _ in range(50)]
    all_have_some.wait()
    counted.wait()
threads = [threading.Thread(target=hold) for _ in range(12)]
for thread in threads:
    thread.start()
all_have_some.wait()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
counted.set()
"""


def n_heaps(**env: str) -> int:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", COUNT_HEAPS], env={**clean, **env}, capture_output=True, text=True, check=True
    )
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps a heap for each thread")
def test_threads_share_two_heaps_unless_the_environment_says_otherwise() -> None:
    assert n_heaps() == 2
    assert n_heaps(MALLOC_ARENA_MAX="5") > 2
