"""A pipeline's schema, read from its file again only where that changed.

dlt reads the file at each use, thirty times a run that loads nothing, and works out each time what
follows from it: a tenth of such a run.

Leans on how dlt keeps schemas; tested in `tests/trust/test_foreign_internals.py`.
"""

from pathlib import Path

import dlt
from dlt.common.schema import Schema
from dlt.common.storages import LiveSchemaStorage, SchemaStorageConfiguration

_Stamp = tuple[int, int, int]


class ReadOnce(LiveSchemaStorage):
    """dlt's storage of schemas, with what it read last."""

    def __init__(self, config: SchemaStorageConfiguration) -> None:
        super().__init__(config)
        self._read: dict[str, _Stamp] = {}

    def __getitem__(self, name: str) -> Schema:
        stamp = self._stamp(name)
        if stamp is not None and self._read.get(name) == stamp and name in self.live_schemas:
            return self.live_schemas[name]
        schema = super().__getitem__(name)
        if stamp is not None and not schema.is_modified:
            self._read[name] = stamp
        return schema

    def _stamp(self, name: str) -> _Stamp | None:
        """Which file it is, and how; None where there is none, or schemas are imported."""
        if self.config.import_schema_path:
            return None
        try:
            file = self.storage.make_full_path(self._file_name_in_store(name, "json"))
            there = Path(file).stat()
        except OSError:
            return None
        return there.st_ino, there.st_size, there.st_mtime_ns


def read_schemas_once(pipeline: dlt.Pipeline) -> None:
    """Have a pipeline that was just opened keep the schemas that it read."""
    pipeline._schema_storage = ReadOnce(pipeline._schema_storage.config)
