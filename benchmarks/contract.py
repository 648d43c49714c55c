"""Requests that nobody thought of, made from the OpenAPI document, to a running service: all checks of schemathesis.

    python -m benchmarks.contract [--examples 300] [--seed 1]

Once with a key that has every scope, once as a signed-in administrator. The service is a whole one in a data folder of
its own. What never ends, and what is signed by a network, is left out.
"""

import argparse
import re
import subprocess
import sys

import httpx2

from benchmarks.machine import RESULTS, heading, row
from benchmarks.running import Service, service

LEFT_OUT = ("/v1/events/stream", "/v1/classify/stream", "/inbox/{channel}", "/inbox/{channel}/receipts", "/v1/session")
"""Streams, doors of networks, and what would end the session that asks."""
LEFT_OUT_CHECKS = "unsupported_method,ignored_auth"
"""The one asks with methods that HTTP does not have; the other takes the header away and leaves the cookie."""


def as_key(running: Service) -> list[str]:
    return ["--header", f"Authorization: Bearer {running.key}"]


def as_person(running: Service) -> list[str]:
    signed = httpx2.post(
        f"{running.url}/v1/session", json={"email": running.email, "password": running.password}, timeout=30
    )
    signed.raise_for_status()
    cookies = "; ".join(f"{name}={value}" for name, value in signed.cookies.items())
    return ["--header", f"Cookie: {cookies}", "--header", f"X-CSRF-Token: {signed.json()['csrf']}"]


def run(running: Service, given: list[str], *, n_examples: int, seed: int) -> tuple[int, str]:
    """The exit status and what was said."""
    left_out = [word for path in LEFT_OUT for word in ("--exclude-path", path)]
    done = subprocess.run(
        [
            "schemathesis", "run", f"{running.url}/openapi.json", *given, *left_out,
            "--checks", "all", "--exclude-checks", LEFT_OUT_CHECKS, "--max-examples", str(n_examples),
            "--phases", "examples,coverage,fuzzing", "--seed", str(seed), "--continue-on-failure", "--no-color",
        ],
        cwd=running.home, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def figure(said: str, word: str) -> str:
    found = re.findall(rf"(\d[\d,]*) {word}", said)
    return found[-1] if found else "0"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--examples", type=int, default=300, help="for each operation")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    lines = [
        heading("The contract, by requests nobody thought of"),
        f"All checks but {LEFT_OUT_CHECKS}, {given.examples} examples an operation, seed {given.seed}.\n",
        "| as | requests | failures |",
        "|---|---|---|",
    ]
    is_failed = False
    with service() as running:
        for name, who in (("key", as_key), ("session", as_person)):
            status, said = run(running, who(running), n_examples=given.examples, seed=given.seed)
            print(said)
            is_failed |= status != 0
            lines.append(row(name, figure(said, "generated"), figure(said, "unique failures")))
    print("\n".join(lines))
    (RESULTS / "contract.md").write_text("\n".join(lines) + "\n", "utf-8")
    sys.exit(int(is_failed))


if __name__ == "__main__":
    main()
