"""Remembers the files that were made out of a dataset, so that erasing a person finds them.

Where reports are published, exported or written for mail may be set otherwise tomorrow; what was
written before stays where it is. The list is in the working folder and holds paths alone.
"""

from pathlib import Path

import dlt
import orjson
from airmeet.atomic_file import write_whole

from .warehouse import PIPELINE, location, stored_dataset


def note_written(pipeline: dlt.Pipeline, file: Path) -> None:
    """Remember a file; call it before the file is written.

    Raises:
        OSError: the working folder cannot be written.
    """
    line = orjson.dumps([_source(pipeline), str(file.absolute())]).decode()
    lines = _lines(pipeline)
    if line not in lines:
        _list(pipeline).parent.mkdir(parents=True, exist_ok=True)
        write_whole(_list(pipeline), "\n".join([*lines, line]) + "\n")


def written_files(pipeline: dlt.Pipeline) -> list[Path]:
    """The files that were made out of the pipeline's dataset, the first one first; some of them
    may be gone."""
    found = []
    for line in _lines(pipeline):
        try:
            source, file = orjson.loads(line)
        except ValueError:  # not ours
            continue
        if source == _source(pipeline):
            found.append(Path(file))
    return found


def _list(pipeline: dlt.Pipeline) -> Path:
    return Path(pipeline.pipelines_dir) / f"{PIPELINE}.files"


def _lines(pipeline: dlt.Pipeline) -> list[str]:
    try:
        return _list(pipeline).read_text().splitlines()
    except FileNotFoundError:
        return []


def _source(pipeline: dlt.Pipeline) -> str:
    return f"{location(pipeline)} {stored_dataset(pipeline)}"
