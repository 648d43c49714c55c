"""Exports of Zendesk and Chatwoot: a ticket or a conversation a row, with what the customer wrote first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from wiring.exchange.record import Asked, Record, value_at, with_value
from wiring.exchange.table import objects_of, write_objects

INCOMING = (0, "incoming")


class Zendesk:
    """Tickets as its export and its API have them. Labels stand at a path: `type`, `tags`, `custom_fields.360001`.

    What a bundle proposes goes to `additional_tags`, which Zendesk adds when tickets are updated in bulk.
    """

    name = "zendesk"

    def fits(self, path: Path, first: Mapping[str, Any]) -> bool:
        return "description" in first and any(
            name in first for name in ("via", "tags", "custom_fields", "ticket_form_id")
        )

    def look(self, path: Path, asked: Asked) -> Asked:
        return replace(asked, text=asked.text or "description")

    def read(self, path: Path, asked: Asked) -> Iterator[Record]:
        for line, ticket in objects_of(path):
            labels = {task: value_at(ticket, where) for task, where in asked.labels.items()}
            rest = with_value(ticket, asked.text, None)
            yield Record(line, str(value_at(ticket, asked.text) or ""), labels, rest)

    def write(self, path: Path, records: Iterable[Record], asked: Asked) -> None:
        def made(record: Record) -> dict[str, Any]:
            ticket = with_value(record.rest, asked.text or "description", record.text)
            for task, where in asked.labels.items():
                label = record.labels.get(task)
                if label and label != value_at(ticket, where):
                    ticket = _with_label(ticket, where, label)
            if record.guesses:
                tags = [f"{task}__{guess.label}" for task, guess in record.guesses.items()]
                ticket["additional_tags"] = [*(ticket.get("additional_tags") or []), *tags]
            return ticket

        write_objects(path, map(made, records))


def _with_label(ticket: dict[str, Any], where: str, label: Any) -> dict[str, Any]:
    head, _, id = where.partition(".")
    fields = ticket.get(head)
    if isinstance(fields, list) and id:
        others = [field for field in fields if str(field.get("id")) != id]
        return {**ticket, head: [*others, {"id": int(id) if id.isdigit() else id, "value": label}]}
    return with_value(ticket, where, label)


class Chatwoot:
    """Conversations with their messages. The text is what the customer wrote before the first answer.

    What a bundle proposes becomes custom attributes of the conversation.
    """

    name = "chatwoot"

    def fits(self, path: Path, first: Mapping[str, Any]) -> bool:
        return isinstance(first.get("messages"), list) and any(
            name in first for name in ("inbox_id", "labels", "meta", "account_id")
        )

    def look(self, path: Path, asked: Asked) -> Asked:
        return replace(asked, text="messages", labels=asked.labels or {"label": "labels"})

    def read(self, path: Path, asked: Asked) -> Iterator[Record]:
        for line, conversation in objects_of(path):
            labels = {}
            for task, where in asked.labels.items():
                value = value_at(conversation, where)
                labels[task] = value[0] if isinstance(value, list) and len(value) == 1 else value or None
            yield Record(line, _first_words(conversation.get("messages") or []), labels, conversation)

    def write(self, path: Path, records: Iterable[Record], asked: Asked) -> None:
        def made(record: Record) -> dict[str, Any]:
            is_own = isinstance(record.rest.get("messages"), list)
            conversation = dict(record.rest)
            if not is_own:
                conversation = {
                    "messages": [{"content": record.text, "message_type": 0}],
                    "additional_attributes": dict(record.rest),
                }
            for task, where in asked.labels.items():
                if label := record.labels.get(task):
                    names = label if isinstance(label, list) else [label]
                    conversation = with_value(conversation, where, names if where == "labels" else label)
            for task, guess in record.guesses.items():
                said = {f"tactful_{task}": guess.label, f"tactful_{task}_score": round(guess.score, 4)}
                attributes = conversation.get("custom_attributes") or {}
                conversation["custom_attributes"] = {**attributes, **said}
            return conversation

        write_objects(path, map(made, records))


def _first_words(messages: list[Any]) -> str:
    words: list[str] = []
    for message in messages:
        if message.get("message_type") in INCOMING:
            words.append(str(message.get("content") or ""))
        elif words and message.get("message_type") in (1, "outgoing") and not message.get("private"):
            break
    return "\n".join(words)
