"""Spreadsheets read back, without the library that wrote them."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ESCAPED = re.compile("_x([0-9A-F]{4})_")


def parts(file: Path | bytes) -> dict[str, ElementTree.Element]:
    """The XML files within a spreadsheet."""
    with ZipFile(BytesIO(file) if isinstance(file, bytes) else file) as archive:
        return {
            name: ElementTree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.endswith(".xml")
        }


def sheet_of(file: Path | bytes) -> ElementTree.Element:
    """The only sheet."""
    [sheet] = [part for name, part in parts(file).items() if "/worksheets/" in name]
    return sheet


def elements(root: ElementTree.Element, tag: str) -> list[ElementTree.Element]:
    return [*root.iter(_NAMESPACE + tag)]


def cells(file: Path | bytes) -> list[dict[str, Any]]:
    """Each row's values by the letter of the column: texts, numbers, true and false."""
    return [dict(_row(row)) for row in elements(sheet_of(file), "row")]


def _row(row: ElementTree.Element) -> Iterator[tuple[str, Any]]:
    for cell in elements(row, "c"):
        letter = cell.attrib["r"].rstrip("0123456789")
        kind = cell.attrib.get("t", "n")
        if kind == "inlineStr":
            text = "".join(part.text or "" for part in elements(cell, "t"))
            yield letter, _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
        else:
            value = elements(cell, "v")[0].text or ""
            yield letter, {"n": float, "b": lambda text: text == "1"}[kind](value)
