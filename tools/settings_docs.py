"""Writes docs/settings.md: a page by hand around the declared settings of the source.

python -m tools.settings_docs          writes it
python -m tools.settings_docs --check  exits 1 where the file is not what would be written
"""

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from airmeet import settings
from airmeet.settings import SourceOptions
from airmeet_etl.reports.seeds import CSV_SEEDS

from tools.generated_page import grid, write_or_check

FILE = Path(__file__).parent.parent / "docs" / "settings.md"

_INTRO = """\
# Settings

The list of the source's settings is written by `make docs` out of `sources/airmeet/settings.py`:
correct that, not this page.

Settings are dlt's: `.dlt/config.toml`, `.dlt/secrets.toml` (git ignores it), or environment
variables. The folder `.dlt` is the one in the folder that you are in, else the one in your home. A
variable counts over the files: `max_concurrency` of `[sources.airmeet]` is
`SOURCES__AIRMEET__MAX_CONCURRENCY`. A name that is nearly that of a setting is said by `check` and
`load`, with the one that was meant.

## The source: `[sources.airmeet]`
"""

_REST = """\
Several communities have a section each: [communities.md](communities.md).

## Where things are kept

| setting | variable | default | |
|---|---|---|---|
| `[destination.duckdb] credentials` | `DESTINATION__DUCKDB__CREDENTIALS` | `warehouse.duckdb` | \
the DuckDB file |
| | `DLT_DATA_DIR` | dlt's default | dlt's working folder; the access token is in it, mode 0600 |

Other destinations: [destinations.md](destinations.md).

## Reports: `[reports]`

| setting | default | |
|---|---|---|
| `publish` | true on DuckDB, else false | write `reports.duckdb` after each load |
| `parquet` | false | also a Parquet file for each report |
| `file` | `reports.duckdb` beside the warehouse | the file to publish to |
"""

_LISTS = {
    "certificate_rules": "who earns a certificate",
    "free_mail_domains": "domains that are no company's",
    "role_groups": "which words of a designation make which group",
    "score_weights": "what counts how much in the score",
    "staff_types": "which user types are staff",
    "waived_feeds": "feeds that will never come, and are not awaited",
}
"""What each list of one's own says."""

_AFTER = """\
The last ones are CSV files in place of the project's own lists (`transforms/seeds`), with the same
header: `REPORTS__SCORE_WEIGHTS=my_weights.csv`.

## Around a run

| setting | |
|---|---|
| `AIRMEET__WEBHOOK_URL` | a Slack-compatible address; it gets what failed, never people |
| `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE` | are honoured, and named in errors |
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or check it; returns the exit code."""
    return write_or_check("tools.settings_docs", FILE, render(), arguments)


def render() -> str:
    """The whole page."""
    source = grid(("setting", "default", ""), _declared())
    lists = [f"| `{name}` | the project's list | {_LISTS[name]} |\n" for name in CSV_SEEDS]
    return "\n".join([_INTRO, source, _REST + "".join(lists), _AFTER])


def _declared() -> Iterator[tuple[str, str, str]]:
    """Each setting with its default and the text below it in the declaration."""
    [tree] = [
        node
        for node in ast.parse(inspect.getsource(settings)).body
        if isinstance(node, ast.ClassDef) and node.name == "Settings"
    ]
    defaults = SourceOptions()
    for field, text in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
            assert isinstance(field.target, ast.Name) and isinstance(text.value, ast.Constant)
            value = getattr(defaults, field.target.id)
            shown = "" if value is None else f"`{str(value).removesuffix('.0').lower()}`"
            yield f"`{field.target.id}`", shown, " ".join(str(text.value.value).split())


if __name__ == "__main__":
    sys.exit(main())
