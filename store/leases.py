"""Leases: a token only its holder knows."""

import secrets


def new_token() -> str:
    """64 random bits: two holders never share one."""
    return secrets.token_hex(8)
