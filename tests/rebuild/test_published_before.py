"""The file that was published before becomes the next one, unless somebody may still read it."""

import os
import shutil
import sys
from datetime import timedelta
from pathlib import Path

import dlt
import pytest
from airmeet_etl.erase.known_files import KnownFiles
from airmeet_etl.reports.build import build
from airmeet_etl.reports.drafts import previous_of
from airmeet_etl.reports.publish import publish

from tests.rebuild.conftest import fetch_again, run
from tests.rebuild.test_published import published
from tests.reports import community

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="leases are Linux's")


def change(pipeline: dlt.Pipeline, airmeet: str, days: int = 1) -> None:
    """Move an airmeet, so that columns that follow it change in rows of others."""
    run(
        pipeline,
        f"update airmeet.airmeets set name = name || '!', start_time = start_time - interval "
        f"'{days} days' where airmeet_id = '{airmeet}'",
    )
    assert build(pipeline).how == "built anew for 1 of 7 airmeets"


@pytest.fixture
def file(pipeline: dlt.Pipeline) -> Path:
    """The published file, beside which the one before it is kept."""
    publish(pipeline)
    change(pipeline, "spring")
    file = publish(pipeline).file
    assert previous_of(file).is_file()
    return file


def copies(pipeline: dlt.Pipeline, monkeypatch: pytest.MonkeyPatch) -> int:
    """Publish; how often a file is copied for that."""
    copied: list[Path] = []
    copy = shutil.copyfile

    def counted(source: Path, target: Path) -> Path:
        copied.append(source)
        return copy(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", counted)
        publish(pipeline)
    return len(copied)


def assert_published_whole(pipeline: dlt.Pipeline, file: Path) -> None:
    """What is published is what would be if all of it were copied anew."""
    found = published(file)
    file.unlink()
    publish(pipeline)
    assert published(file) == found
    assert not previous_of(file).exists()


@pytest.mark.long
def test_nothing_is_copied_and_nothing_is_missing(
    pipeline: dlt.Pipeline, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for airmeet, days in (("next", 1), ("next", 60), ("spring", -1), ("may", 1), ("next", -61)):
        change(pipeline, airmeet, days)
        assert copies(pipeline, monkeypatch) == 0
        assert previous_of(file).is_file()
    fetch_again(pipeline, "june")
    build(pipeline)
    assert copies(pipeline, monkeypatch) == 0
    assert_published_whole(pipeline, file)


def test_what_is_still_read_is_left_as_it_is(
    pipeline: dlt.Pipeline, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with file.open("rb") as reader:
        change(pipeline, "next")
        publish(pipeline)
        before = reader.read()
        change(pipeline, "may")
        assert copies(pipeline, monkeypatch) == 1
        reader.seek(0)
        assert reader.read() == before
    assert_published_whole(pipeline, file)


def test_what_has_another_name_is_left_as_it_is(
    pipeline: dlt.Pipeline, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = file.with_name("backup.duckdb")
    os.link(file, backup)
    content = backup.read_bytes()
    for airmeet, copied in (("next", 0), ("may", 1)):
        change(pipeline, airmeet)
        assert copies(pipeline, monkeypatch) == copied
        assert backup.read_bytes() == content
    assert_published_whole(pipeline, file)


def test_a_build_that_was_not_published_is_not_missed(
    pipeline: dlt.Pipeline, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(pipeline, "next")
    change(pipeline, "may")
    publish(pipeline)
    assert not previous_of(file).exists()
    assert_published_whole(pipeline, file)


def test_what_somebody_changed_is_not_taken(
    pipeline: dlt.Pipeline, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = community.FETCHED + timedelta(days=30)
    os.utime(previous_of(file), (later.timestamp(), later.timestamp()))
    change(pipeline, "next")
    assert copies(pipeline, monkeypatch) == 1
    assert_published_whole(pipeline, file)


def test_whoever_erases_a_person_finds_it(pipeline: dlt.Pipeline, file: Path) -> None:
    known = KnownFiles(pipeline)
    assert previous_of(file) in known.drafts()
    known.remove_drafts()
    assert not previous_of(file).exists()
