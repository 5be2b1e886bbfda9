"""Looks for somebody in every file below a folder, as bytes and as what the files hold."""

import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def traces(folder: Path, words: Iterable[str]) -> set[str]:
    """`file: word` for each file below the folder in which one of the words is, in any case."""
    wanted = {word: word.lower() for word in words}
    return {
        f"{file.relative_to(folder)}: {word}"
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        for content in _contents(file)
        for word, lowered in wanted.items()
        if lowered in content
    }


def _contents(file: Path) -> Iterator[str]:
    """The file's bytes as text, and what is packed in it, in lower case."""
    raw = file.read_bytes()
    yield _text(raw)
    if file.suffix == ".gz":
        yield _text(gzip.decompress(raw))
    elif file.suffix == ".parquet":
        yield str(pq.read_table(file).to_pydict()).lower()
    elif file.suffix == ".duckdb":
        yield _rows(file).lower()


def _text(raw: bytes) -> str:
    text = raw.decode(errors="ignore")
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).lower()


def _rows(file: Path) -> str:
    """All values of all tables of a DuckDB file."""
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.sql("select schema_name, table_name from duckdb_tables()").fetchall()
        return "\n".join(
            str(connection.sql(f'from "{schema}"."{table}"').fetchall()) for schema, table in tables
        )
