"""The formats of labelled texts that are read and written, and which of them a file is in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from care.errors import BadInput
from wiring.exchange.annotation import Argilla, Doccano, LabelStudio
from wiring.exchange.helpdesk import Chatwoot, Zendesk
from wiring.exchange.hugging_face import HuggingFace
from wiring.exchange.record import Format
from wiring.exchange.table import TableFormat, objects_of
from wiring.tables.place import Kind, kind_of

_OF_OBJECTS: tuple[Format, ...] = (LabelStudio(), Argilla(), Chatwoot(), Zendesk(), Doccano())
_ALL: tuple[Format, ...] = (TableFormat(), HuggingFace(), *_OF_OBJECTS)
FORMATS: Mapping[str, Format] = {kind.name: kind for kind in _ALL}


def format_of(path: Path, name: str = "") -> Format:
    """The format that was named, or the one that a file looks like. Raises BadInput, NotFound."""
    if name:
        if name not in FORMATS:
            raise BadInput(f"There is no format {name}; there are {', '.join(FORMATS)}.")
        return FORMATS[name]
    if path.is_dir():
        return FORMATS["hugging-face"]
    if kind_of(path)[0] is not Kind.JSON:
        return FORMATS["table"]
    first: dict[str, Any] = next((record for _, record in objects_of(path)), {})
    return next((kind for kind in _OF_OBJECTS if kind.fits(path, first)), FORMATS["table"])
