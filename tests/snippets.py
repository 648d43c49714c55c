"""The snippets of a page of docs/, by the language that stands beside their fence."""

import re


def snippets_of(page: str, language: str) -> list[str]:
    """What stands between the fences of this language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)
