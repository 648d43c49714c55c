"""Label Studio, Argilla and doccano: texts with what people chose, and what a model proposes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from wiring.exchange.record import Asked, Record, value_at, with_value
from wiring.exchange.table import objects_of, write_objects

_LOOKED_AT = 200
"""So many records are looked at to learn which questions were asked."""


class LabelStudio:
    """Its JSON, tasks with annotations; JSON-MIN and CSV are tables."""

    name = "label-studio"

    def fits(self, path: Path, first: Mapping[str, Any]) -> bool:
        return isinstance(first.get("data"), dict) and ("annotations" in first or "predictions" in first)

    def look(self, path: Path, asked: Asked) -> Asked:
        asked = replace(asked, text=asked.text or "text")
        return asked if asked.labels else replace(asked, labels=_questions(path, _choices))

    def read(self, path: Path, asked: Asked) -> Iterator[Record]:
        for line, task in objects_of(path):
            chosen = _choices(task)
            labels = {name: chosen.get(question) for name, question in asked.labels.items()}
            rest = with_value(task, f"data.{asked.text}", None)
            yield Record(line, str(value_at(task, f"data.{asked.text}") or ""), labels, rest)

    def write(self, path: Path, records: Iterable[Record], asked: Asked) -> None:
        write_objects(path, (self._task(record, asked) for record in records))

    def _task(self, record: Record, asked: Asked) -> dict[str, Any]:
        is_own = isinstance(record.rest.get("data"), dict)
        task: dict[str, Any] = (
            dict(record.rest) if is_own else {"data": {}, "annotations": [], "meta": dict(record.rest)}
        )
        task = with_value(task, f"data.{asked.text or 'text'}", record.text)
        said = _choices(task)
        new = {
            question: record.labels[name]
            for name, question in asked.labels.items()
            if record.labels.get(name) and record.labels[name] != said.get(question)
        }
        if new:
            results = [_result(question, label) for question, label in new.items()]
            task["annotations"] = [{"result": results}, *(task.get("annotations") or [])]
        if record.guesses:
            results = [_result(asked.labels.get(name, name), guess.label) for name, guess in record.guesses.items()]
            score = min(guess.score for guess in record.guesses.values())
            proposal = {"model_version": asked.bundle, "score": round(score, 4), "result": results}
            task["predictions"] = [*(task.get("predictions") or []), proposal]
        return task


def _result(question: str, label: Any) -> dict[str, Any]:
    choices = label if isinstance(label, list) else [label]
    return {"from_name": question, "to_name": "text", "type": "choices", "value": {"choices": choices}}


def _choices(task: Mapping[str, Any]) -> dict[str, Any]:
    """By question what was chosen in the first annotation that was not cancelled; a list where several were."""
    for annotation in task.get("annotations") or []:
        if not annotation.get("was_cancelled"):
            chosen = {}
            for item in annotation.get("result") or []:
                if item.get("type") == "choices":
                    names = item.get("value", {}).get("choices") or []
                    chosen[str(item.get("from_name"))] = names[0] if len(names) == 1 else names
            return chosen
    return {}


class Argilla:
    """Records with fields, responses and suggestions, as Argilla 2 writes them, and Argilla 1's text classification."""

    name = "argilla"

    def fits(self, path: Path, first: Mapping[str, Any]) -> bool:
        return isinstance(first.get("fields"), dict) or ("annotation" in first and "prediction" in first)

    def look(self, path: Path, asked: Asked) -> Asked:
        asked = replace(asked, text=asked.text or "text")
        return asked if asked.labels else replace(asked, labels=_questions(path, _responses))

    def read(self, path: Path, asked: Asked) -> Iterator[Record]:
        for line, record in objects_of(path):
            where = self._where(record, asked.text)
            said = _responses(record)
            labels = {task: said.get(question) for task, question in asked.labels.items()}
            yield Record(line, str(value_at(record, where) or ""), labels, with_value(record, where, None))

    def _where(self, record: Mapping[str, Any], text: str) -> str:
        if isinstance(record.get("fields"), dict):
            return f"fields.{text}"
        return text if text in record else f"inputs.{text}"

    def write(self, path: Path, records: Iterable[Record], asked: Asked) -> None:
        write_objects(path, (self._record(record, asked) for record in records))

    def _record(self, record: Record, asked: Asked) -> dict[str, Any]:
        rest = record.rest
        is_own = isinstance(rest.get("fields"), dict) or "annotation" in rest
        made = dict(rest) if is_own else {"fields": {}, "metadata": dict(rest), "responses": {}, "suggestions": {}}
        made = with_value(made, self._where(made, asked.text or "text"), record.text)
        said = _responses(made)
        for task, question in asked.labels.items():
            label, guess = record.labels.get(task), record.guesses.get(task)
            if label and label != said.get(question):
                made = self._answered(made, question, label)
            if guess is not None:
                made = self._proposed(
                    made, question, {"score": round(guess.score, 4), "agent": asked.bundle}, guess.label
                )
        return made

    def _answered(self, made: dict[str, Any], question: str, label: Any) -> dict[str, Any]:
        if "annotation" in made:
            return {**made, "annotation": label}
        if isinstance(made.get("responses"), list):
            values = {"values": {question: {"value": label}}, "status": "submitted"}
            return {**made, "responses": [values, *made["responses"]]}
        return with_value(made, f"responses.{question}", [{"value": label}])

    def _proposed(self, made: dict[str, Any], question: str, about: Mapping[str, Any], label: str) -> dict[str, Any]:
        if "annotation" in made:
            return {
                **made,
                "prediction": [{"label": label, "score": about["score"]}],
                "prediction_agent": about["agent"],
            }
        if isinstance(made.get("suggestions"), list):
            return {**made, "suggestions": [*made["suggestions"], {"question_name": question, "value": label, **about}]}
        return with_value(made, f"suggestions.{question}", {"value": label, **about})


def _responses(record: Mapping[str, Any]) -> dict[str, Any]:
    """By question the first submitted answer."""
    if "annotation" in record:
        return {"label": record["annotation"]}
    responses = record.get("responses")
    if isinstance(responses, dict):
        firsts = {name: answers[0] for name, answers in responses.items() if isinstance(answers, list) and answers}
        return {name: answer.get("value") if isinstance(answer, dict) else answer for name, answer in firsts.items()}
    for response in responses or []:
        if response.get("status", "submitted") == "submitted":
            return {name: answer.get("value") for name, answer in (response.get("values") or {}).items()}
    return {}


class Doccano:
    """Its JSON Lines: a text with a list of labels. What a bundle proposes stands where a person has said nothing."""

    name = "doccano"
    _KNOWN = frozenset({"id", "text", "data", "label", "labels", "cats", "Comments", "comments", "meta"})

    def fits(self, path: Path, first: Mapping[str, Any]) -> bool:
        return set(first) <= self._KNOWN and any(isinstance(first.get(name), list) for name in ("label", "labels"))

    def look(self, path: Path, asked: Asked) -> Asked:
        first = next((record for _, record in objects_of(path)), {})
        text = asked.text or ("text" if "text" in first else "data")
        return replace(asked, text=text, labels=asked.labels or {"label": "label" if "label" in first else "labels"})

    def read(self, path: Path, asked: Asked) -> Iterator[Record]:
        for line, record in objects_of(path):
            labels = {}
            for task, where in asked.labels.items():
                names = record.get(where)
                is_single = isinstance(names, list) and len(names) == 1
                labels[task] = names[0] if is_single and names else names or None
            taken = {asked.text, *asked.labels.values()}
            rest = {name: value for name, value in record.items() if name not in taken}
            yield Record(line, str(record.get(asked.text) or ""), labels, rest)

    def write(self, path: Path, records: Iterable[Record], asked: Asked) -> None:
        def made(record: Record) -> dict[str, Any]:
            is_own = set(record.rest) <= self._KNOWN
            rest: dict[str, Any] = dict(record.rest) if is_own else {"meta": dict(record.rest)}
            for task, where in asked.labels.items():
                guess = record.guesses.get(task)
                label = record.labels.get(task) or (guess.label if guess is not None else [])
                rest[where] = label if isinstance(label, list) else [label]
            return {**rest, asked.text or "text": record.text}

        write_objects(path, map(made, records))


def _questions(path: Path, answers: Any) -> dict[str, str]:
    """Task -> question, of the first records."""
    names: dict[str, str] = {}
    for number, (_, record) in enumerate(objects_of(path)):
        names |= {name: name for name in answers(record)}
        if number >= _LOOKED_AT:
            break
    return names
