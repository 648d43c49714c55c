"""How this process asks the machine for memory."""

import os

_M_ARENA_MAX = -8
"""Source: glibc, malloc/malloc.h."""


def share_heaps(n: int = 2) -> None:
    """Let all threads of this process share n heaps. Call it first, before a library starts threads of its own.

    glibc keeps a heap for each of fifty threads: two are as fast here and save 30 MB under load. MALLOC_ARENA_MAX in
    the environment has the last word; without glibc nothing happens.
    """
    if "MALLOC_ARENA_MAX" in os.environ:
        return
    import ctypes

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(_M_ARENA_MAX, n)
