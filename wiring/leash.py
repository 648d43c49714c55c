"""Runs a command that ends when its supervisor does: `leash.py SUPERVISOR COMMAND...`.

Run by its path, with nothing but the standard library, so that it costs a few milliseconds. On Linux the kernel sends
SIGTERM when the supervisor dies, however it dies; elsewhere the next start ends what was left.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    supervisor, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != supervisor:
        # It died before the kernel knew.
        raise SystemExit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
