"""What the settings say to a plan."""

from collections.abc import Sequence

from care.plan import PlanLine
from wiring.origins import UNSET, SettingLine

TOLD = (
    "server.public_url",
    "knowledge",
    "model.bundle",
    "attachments.keep",
    "webhooks.is_private_allowed",
    "retention.days",
)
"""Settings that a board may ask about."""


def settings_told(lines: Sequence[SettingLine]) -> list[PlanLine]:
    """Those settings with their values, and where each comes from."""
    return [PlanLine(f"{line.name}: {line.value}", f"settings, {line.origin}") for line in lines if line.name in TOLD]


def has_address(lines: Sequence[SettingLine]) -> bool:
    """Whether others can reach this service by an address of its own."""
    return any(line.name == "server.public_url" and line.value not in ("", UNSET) for line in lines)
