"""The sandbox in which plays are rendered.

Authors get names from an allow-list, `if`/`elif`/`else`, and a few filters: no calls, loops, arithmetic or attribute
access, checked on the syntax tree before anything runs. Values are plain strings and flags, so that a customer's text
is only ever a value: it is never read as a template. Output is bounded.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_BODY = 6_000
MAX_OUTPUT = 10_000
MAX_VALUE = 300
_SHOWN = "__shown"
# Private-use signs mark an open slot while rendering, so that no value and no filter can be taken for one.
_GAP_START, _GAP_END = "\ue000", "\ue001"
_GAP = re.compile(f"{_GAP_START}([0-9]+){_GAP_END}")
_TESTS = (nodes.Name, nodes.Not, nodes.And, nodes.Or)
_OUTPUTS = (nodes.TemplateData, nodes.Name, nodes.Filter)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _first_word(text: str) -> str:
    return text.partition(" ")[0]


def _bare(text: str) -> str:
    return text.strip(" .,;:!?")


def _truncate(text: str, length: int = 80) -> str:
    return text if len(text) <= length else text[: max(0, length - 1)].rstrip() + "…"


def _kept(change: Callable[..., str]) -> Callable[..., str]:
    """An open slot passes every filter unchanged, so that nobody can take it for a value."""

    def filtered(text: str, *arguments: int) -> str:
        return text if text.startswith(_GAP_START) else change(text, *arguments)

    return filtered


FILTERS: dict[str, Callable[..., str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "capitalize": str.capitalize,
    "title": str.title,
    "trim": str.strip,
    "sentence": _sentence,
    "first_word": _first_word,
    "bare": _bare,
    "truncate": _truncate,
}
_WITH_LENGTH = frozenset({"truncate"})
_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_environment.globals.clear()
_environment.tests.clear()
_environment.filters = {name: _kept(change) for name, change in FILTERS.items()}


class BadTemplate(Exception):
    """A body that may not be used. line: counted from the body's first line."""

    def __init__(self, what: str, *, line: int) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


@dataclass(frozen=True, slots=True)
class Body:
    """A checked body. slots: names it writes out; names: all it reads; opens_with_slot: it begins with a value."""

    source: str
    template: Template = field(repr=False, compare=False)
    slots: frozenset[str]
    names: frozenset[str]
    opens_with_slot: bool

    def render(self, values: Mapping[str, str | bool]) -> tuple[str, tuple[str, ...]]:
        """The text and the slots that stand open in it, in order, as `[[slot]]`.

        values: a text, "" for a slot that is not known, or a flag. Raises ValueError when the output is too long.
        """
        ordered = sorted(self.names)
        shown: dict[str, str | bool] = {}
        for n, name in enumerate(ordered):
            value = values.get(name, "")
            shown[name] = value if isinstance(value, bool) else _one_line(value)
            shown[name + _SHOWN] = shown[name] or f"{_GAP_START}{n}{_GAP_END}"
        pieces: list[str] = []
        size = 0
        for piece in self.template.generate(shown):
            size += len(piece)
            if size > MAX_OUTPUT:
                raise ValueError("The play grew too long.")
            pieces.append(piece)
        missing: list[str] = []

        def gap(match: re.Match[str]) -> str:
            name = ordered[int(match[1])]
            if name not in missing:
                missing.append(name)
            return f"[[{name}]]"

        return _GAP.sub(gap, "".join(pieces)), tuple(missing)


# An edit changes a body or two; the hundreds of others need not be compiled again.
@lru_cache(maxsize=4096)
def compile_body(source: str, *, allowed: frozenset[str]) -> Body:
    """Check a body against the allow-list and compile it.

    allowed: the names it may read. Raises BadTemplate with the line of the first thing that is not allowed.
    """
    if len(source) > MAX_BODY:
        raise BadTemplate(f"is longer than {MAX_BODY} characters", line=1)
    try:
        tree = _environment.parse(source)
    except TemplateSyntaxError as error:
        raise BadTemplate(f"template: {error.message}", line=error.lineno) from error
    for node in tree.body:
        _check_statement(node, allowed)
    slots: set[str] = set()
    names = {node.name for node in tree.find_all(nodes.Name)}
    for output in tree.find_all(nodes.Output):
        for name in output.find_all(nodes.Name):
            slots.add(name.name)
            name.name += _SHOWN
    try:
        code = _environment.compile(tree, "play", "play")
        template = Template.from_code(_environment, code, {})
    except TemplateError as error:
        raise BadTemplate(f"template: {error}", line=1) from error
    return Body(source, template, frozenset(slots), frozenset(names), source.lstrip().startswith("{{"))


def _check_statement(node: nodes.Node, allowed: frozenset[str]) -> None:
    if isinstance(node, nodes.Output):
        for part in node.nodes:
            _check_output(part, allowed)
    elif isinstance(node, nodes.If):
        _check_test(node.test, allowed)
        for inner in (*node.body, *node.elif_, *node.else_):
            _check_statement(inner, allowed)
    else:
        raise BadTemplate(f"`{type(node).__name__.lower()}` is not allowed here, only if, elif and else",
                          line=node.lineno)  # fmt: skip


def _check_output(node: nodes.Node, allowed: frozenset[str]) -> None:
    if not isinstance(node, _OUTPUTS):
        raise BadTemplate(f"`{type(node).__name__.lower()}` is not allowed here, only names and filters",
                          line=node.lineno)  # fmt: skip
    if isinstance(node, nodes.Name):
        _check_name(node, allowed)
    if isinstance(node, nodes.Filter):
        if node.node is None or node.name not in FILTERS or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise BadTemplate(f"the filter `{node.name}` is not allowed here", line=node.lineno)
        lengths = [argument.value for argument in node.args if isinstance(argument, nodes.Const)]
        if len(lengths) != len(node.args) or len(lengths) > (node.name in _WITH_LENGTH):
            raise BadTemplate(f"the filter `{node.name}` takes no such value", line=node.lineno)
        if not all(type(length) is int for length in lengths):
            raise BadTemplate("a filter takes a whole number only", line=node.lineno)
        _check_output(node.node, allowed)


def _check_test(node: nodes.Node, allowed: frozenset[str]) -> None:
    if not isinstance(node, _TESTS):
        raise BadTemplate(f"`{type(node).__name__.lower()}` is not allowed in a condition, only names, and, or, not",
                          line=node.lineno)  # fmt: skip
    if isinstance(node, nodes.Name):
        _check_name(node, allowed)
    for inner in node.iter_child_nodes():
        _check_test(inner, allowed)


def _check_name(node: nodes.Name, allowed: frozenset[str]) -> None:
    if node.name not in allowed:
        raise BadTemplate(f"the slot `{node.name}` is not known", line=node.lineno)


def _one_line(value: str) -> str:
    return " ".join(value.replace(_GAP_START, "").replace(_GAP_END, "").split())[:MAX_VALUE]
