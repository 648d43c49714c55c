"""An outside helper that words drafts anew: any endpoint that speaks as OpenAI's chat completions do."""

import json
from dataclasses import dataclass, field

from care.errors import ChannelError
from care.rewording import RewriterFailed
from channels.http import Client

_ASKED = (
    "You reword replies of a customer care team so that they read naturally. Keep the meaning, the tone and every token"
    " such as ⟦1⟧ exactly as it stands. Add nothing and promise nothing. Answer with the reworded reply alone."
)
_MOST_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class ChatRewriter:
    """Satisfies care.rewording.Rewriter. Safe from several threads.

    url: the base, such as http://127.0.0.1:8080/v1. One deadline for all of it, no redirects, nothing is tried twice.
    """

    url: str
    model: str
    timeout_s: float
    key: str = field(default="", repr=False)

    def reword(self, text: str) -> str:
        body = {
            "model": self.model,
            "temperature": 0.3,
            "messages": [{"role": "system", "content": _ASKED}, {"role": "user", "content": text}],
        }
        headers = {"content-type": "application/json"}
        if self.key:
            headers["authorization"] = f"Bearer {self.key}"
        try:
            client = Client(
                "rewriter", f"{self.url}/chat/completions", is_private_allowed=True, timeout_s=self.timeout_s
            )
            answer = client.post(json.dumps(body).encode(), headers).content
        except ChannelError as error:
            raise RewriterFailed("unreachable") from error
        return _said(answer)


def _said(answer: bytes) -> str:
    """The words in an answer. Raises RewriterFailed where it is none."""
    try:
        said = json.loads(answer[: _MOST_CHARACTERS * 8])["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise RewriterFailed("no answer") from error
    if not isinstance(said, str) or not said.strip() or len(said) > _MOST_CHARACTERS:
        raise RewriterFailed("no answer")
    return said
