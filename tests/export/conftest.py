"""A warehouse whose reports are built, to be exported."""

import shutil
from pathlib import Path

import pytest

from tests.publish.conftest import warehouse as warehouse
from tests.workplace import Workplace


@pytest.fixture
def loaded(workplace: Workplace, warehouse: Path) -> Workplace:
    """The workplace with a copy of the warehouse."""
    shutil.copy(warehouse, workplace.file)
    return workplace
