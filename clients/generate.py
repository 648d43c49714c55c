"""Write the typed half of the clients from docs/openapi.json: `python -m clients.generate`.

Python: `shapes.py` (a TypedDict a shape) and `calls.py` (a method an operation, once waiting and once async).
TypeScript: `tactful.d.ts`. tests/clients fails when they are not what this writes.
"""

import json
import re
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "openapi.json"
HERE = ROOT / "clients"
WIDTH = 118

BY_HAND = ("classify_stream", "stream_events", "take_messages", "take_receipts")
"""Operations with a stream or a signature of their own: written by hand in the clients."""

TASKS = ("intent", "sentiment", "urgency", "act", "stance", "addressed")
"""Keys that an answer of classify has beside those of its shape."""

PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
SCRIPT = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
Schema = Mapping[str, Any]


def files() -> dict[Path, str]:
    """Every generated file with what stands in it."""
    document = json.loads(DOCUMENT.read_text("utf-8"))
    package = HERE / "python" / "tactful_client"
    return {
        package / "shapes.py": shapes(document),
        package / "calls.py": calls(document),
        HERE / "typescript" / "tactful.d.ts": declarations(document),
    }


def main() -> None:
    for path, text in files().items():
        path.write_text(text, "utf-8")


def operations(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    """Method, path and operation, in the order of the document."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def answer_of(operation: Schema) -> Schema | None:
    """The schema of the good answer; None where it has no body."""
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            for kind, content in answer.get("content", {}).items():
                return content["schema"] if kind == "application/json" else {"type": "string"}
    return None


def body_of(operation: Schema) -> Schema | None:
    content = operation.get("requestBody", {}).get("content", {})
    return content["application/json"]["schema"] if "application/json" in content else None


# Python ---------------------------------------------------------------------------------------------------------------


def python(schema: Schema, within: str = "") -> str:
    """A schema as a type of Python. within: what stands before the names of shapes."""
    if "$ref" in schema:
        return within + str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return f"Literal[{schema['const']!r}]".replace("'", '"')
    if "enum" in schema:
        return f"Literal[{', '.join(json.dumps(value) for value in schema['enum'])}]"
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(dict.fromkeys(python(choice, within) for choice in choices))
    kind = schema.get("type")
    if kind == "array":
        return f"list[{python(schema['items'], within)}]" if "items" in schema else "list[Any]"
    if kind == "object":
        inner = schema.get("additionalProperties") or next(iter(schema.get("patternProperties", {}).values()), None)
        return f"dict[str, {python(inner, within)}]" if isinstance(inner, dict) else "dict[str, Any]"
    return PLAIN.get(str(kind), "Any")


def shapes(document: Schema) -> str:
    lines = [
        '"""The shapes of the API. Made by clients/generate.py; do not edit.',
        "",
        'New keys and new values may come with any version of the service."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import Any, Literal, NotRequired, TypedDict",
    ]
    values = [name for name, schema in document["components"]["schemas"].items() if "enum" in schema]
    for name in values:
        lines += ["", f"{name} = {python(document['components']['schemas'][name])}"]
    for name, schema in document["components"]["schemas"].items():
        if name not in values:
            lines += ["", "", *typed_dict(name, schema)]
    return "\n".join(lines) + "\n"


def typed_dict(name: str, schema: Schema) -> list[str]:
    required = set(schema.get("required", ()))
    if schema.get("type") != "object" or not schema.get("properties"):
        return [f"{name} = {python(schema)}"]
    fields = {
        key: python(value) if key in required else f"NotRequired[{python(value)}]"
        for key, value in schema["properties"].items()
    }
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        # A bundle may read other tasks; these are those of the default.
        fields |= {task: f"NotRequired[{python(more)}]" for task in TASKS}
    if not all(key.isidentifier() and not iskeyword(key) for key in fields):
        inner = ", ".join(f"{json.dumps(key)}: {value!r}" for key, value in fields.items())
        return [f'{name} = TypedDict("{name}", {{{inner}}})']
    said = line_of(schema.get("description", "").partition("\n\n")[0])
    doc = [f'    """{said}"""', ""] if said else []
    return [f"class {name}(TypedDict):", *doc, *(f"    {key}: {value}" for key, value in fields.items())]


def line_of(words: str) -> str:
    return " ".join(words.replace("`", "").split())


def parameters(operation: Schema) -> list[tuple[str, str, str, bool]]:
    """Name in Python, name in the address, type, and whether it has to be given; of path, then query, then header."""
    found = []
    for place in ("path", "query", "header"):
        for given in operation.get("parameters", ()):
            if given["in"] == place:
                name = re.sub(r"\W", "_", given["name"])
                name = f"{name}_" if iskeyword(name) else name
                kind = python(given["schema"], "shapes.").removesuffix(" | None")
                found.append((name, given["name"], "str" if place != "query" else kind, bool(given.get("required"))))
    return found


def calls(document: Schema) -> str:
    lines = [
        '"""One method an operation of the API. Made by clients/generate.py; do not edit."""',
        "",
        "from typing import Any, Literal",
        "",
        "from tactful_client import shapes",
        "from tactful_client.asking import AsyncAsking, Asking",
    ]
    for kind, base in (("Calls", "Asking"), ("AsyncCalls", "AsyncAsking")):
        lines += ["", "", f"class {kind}({base}):", f'    """Every operation; see {base}."""']
        for method, path, operation in operations(document):
            if operation["operationId"] not in BY_HAND:
                lines += ["", *method_of(method, path, operation, is_async=kind == "AsyncCalls")]
    return "\n".join(lines) + "\n"


def method_of(method: str, path: str, operation: Schema, *, is_async: bool) -> list[str]:
    given, body, answer = parameters(operation), body_of(operation), answer_of(operation)
    in_path = [name for name, _, _, is_needed in given if is_needed and f"{{{name}}}" in path]
    others = [(name, raw, kind, is_needed) for name, raw, kind, is_needed in given if name not in in_path]
    taken = ["self", *(f"{name}: str" for name in in_path)]
    taken += [f"body: {python(body, 'shapes.')}"] if body else []
    taken += ["*"] if others else []
    taken += [f"{name}: {kind}" if needed else f"{name}: {kind} | None = None" for name, _, kind, needed in others]
    headers = [(name, raw) for name, raw, _, _ in others if raw == "if-match"]
    query = [(name, raw) for name, raw, _, _ in others if raw != "if-match"]
    said = [f'"{method}"', f'f"{path_of(path)}"' if in_path else f'"{path}"']
    said += ["body=body"] if body else []
    said += [f"query={{{', '.join(f'{json.dumps(raw)}: {name}' for name, raw in query)}}}"] if query else []
    said += ["if_match=if_match"] if headers else []
    kind = python(answer, "shapes.") if answer else "None"
    word, wait = ("async def", "await ") if is_async else ("def", "")
    return [
        *wrapped(f"    {word} {operation['operationId']}(", taken, f") -> {kind}:"),
        f'        """{line_of(operation["summary"])}."""',
        f"        {f'answer: {kind} = ' if answer else ''}{wait}self.ask({', '.join(said)})",
        *(["        return answer"] if answer else []),
    ]


def path_of(path: str) -> str:
    return re.sub(r"\{(\w+)\}", r"{self.part(\1)}", path)


def wrapped(begin: str, parts: list[str], end: str) -> list[str]:
    line = f"{begin}{', '.join(parts)}{end}"
    if len(line) <= WIDTH:
        return [line]
    return [begin, *(f"        {part}," for part in parts), f"    {end}"]


# TypeScript -----------------------------------------------------------------------------------------------------------


def script(schema: Schema) -> str:
    """A schema as a type of TypeScript."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(dict.fromkeys(script(choice) for choice in choices))
    kind = schema.get("type")
    if kind == "array":
        return f"Array<{script(schema['items'])}>" if "items" in schema else "unknown[]"
    if kind == "object" and not schema.get("properties"):
        inner = schema.get("additionalProperties") or next(iter(schema.get("patternProperties", {}).values()), None)
        return f"Record<string, {script(inner)}>" if isinstance(inner, dict) else "Record<string, unknown>"
    if kind == "object":
        return "{ " + "; ".join(members(schema)) + " }"
    return SCRIPT.get(str(kind), "unknown")


def members(schema: Schema) -> Iterator[str]:
    required = set(schema.get("required", ()))
    for key, value in schema.get("properties", {}).items():
        name = key if key.isidentifier() else json.dumps(key)
        yield f"{name}{'' if key in required else '?'}: {script(value)}"


def declarations(document: Schema) -> str:
    lines = [
        "// The shapes and operations of the API. Made by clients/generate.py; do not edit.",
        "// New keys and new values may come with any version of the service.",
    ]
    for name, schema in document["components"]["schemas"].items():
        if schema.get("type") == "object" and schema.get("properties"):
            lines += ["", f"export interface {name} {{", *(f"  {member};" for member in members(schema))]
            if isinstance(more := schema.get("additionalProperties"), dict):
                lines += [f"  {task}?: {script(more)};" for task in TASKS]
                lines += ["  [more: string]: unknown;"]
            lines += ["}"]
        else:
            lines += ["", f"export type {name} = {script(schema)};"]
    lines += ["", "/** By operation: how it is called, what it takes and what it answers. */"]
    lines += ["export interface Operations {"]
    for method, path, operation in operations(document):
        lines += [f"  {operation['operationId']}: {{", f'    method: "{method}";', f'    path: "{path}";']
        for place in ("path", "query"):
            given = [each for each in operation.get("parameters", ()) if each["in"] == place]
            inner = "; ".join(
                f"{each['name']}{'' if each.get('required') else '?'}: {script(each['schema'])}" for each in given
            )
            lines += [f"    {'ids' if place == 'path' else 'query'}: {{ {inner} }};"] if given else []
        body, answer = body_of(operation), answer_of(operation)
        lines += [f"    body: {script(body)};"] if body else []
        lines += [f"    answer: {script(answer) if answer else 'undefined'};", "  };"]
    lines += ["}", "", "/** What an endpoint is posted, by type. */", "export interface Webhooks {"]
    for type, methods in document["webhooks"].items():
        told = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
        lines += [f"  {json.dumps(type)}: {script(told)};"]
    return "\n".join([*lines, "}"]) + "\n"


if __name__ == "__main__":
    main()
