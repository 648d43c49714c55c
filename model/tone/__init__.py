"""The tone check on every outgoing text, a person's too: span rules and a trained head, one verdict."""

from model.tone.checker import ToneModel
from model.tone.checks import ChannelLimit, VoiceRules

__all__ = ["ChannelLimit", "ToneModel", "VoiceRules"]
