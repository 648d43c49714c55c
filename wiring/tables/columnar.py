"""Parquet, a batch at a time. pyarrow is an extra: it is larger than all that serves together."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from wiring.tables.place import Place

_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Columns:
    """A Parquet file. schema: pyarrow's."""

    place: Place
    columns: tuple[str, ...]
    schema: Any

    notes = ()
    broken = ()

    def is_text(self, name: str) -> bool:
        """Whether a column may hold any text."""
        from pyarrow import types

        kind = self.schema.field(name).type
        kind = kind.value_type if types.is_dictionary(kind) else kind
        return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        line = 0
        with _opened(self.place) as file:
            for batch in file.iter_batches(batch_size=_AT_ONCE):
                for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    line += 1
                    yield line, list(values)


def open_columns(place: Place) -> Columns:
    """Raises Unreadable, also where pyarrow is not installed."""
    with _opened(place) as file:
        schema = file.schema_arrow
        if not file.metadata.num_rows:
            raise place.refused("is empty", "write a row a message")
        return Columns(place, tuple(schema.names), schema)


@contextmanager
def _opened(place: Place) -> Iterator[Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise place.refused(
            "is Parquet, which needs pyarrow", "pip install 'tactful[parquet]', or export CSV"
        ) from None
    with place.seekable() as source:
        try:
            file = parquet.ParquetFile(source)
        except (pyarrow.ArrowException, OSError):
            raise place.refused("is no Parquet file that can be read", "write it again") from None
        try:
            yield file
        except pyarrow.ArrowException:
            raise place.refused("is damaged: not all rows can be read", "write it again") from None
        finally:
            file.close()
