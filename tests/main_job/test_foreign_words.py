"""Words of others (the API's, an airmeet's name) are text wherever they are shown."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from airmeet.errors import one_line
from airmeet.safe_text import keep_secret, passwords_in, printable
from airmeet_etl import terminal, terminal_tables
from airmeet_etl.exit_codes import CommandError, print_error
from airmeet_etl.load.display import Display
from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY

from tests.privacy.traces import traces
from tests.workplace import Workplace, simulated


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("slow [/b] down", "slow [/b] down"),
        ("a\x1b[2J\x1b[31mb\x1b[0m", "ab"),
        ("a\x1b]0;title\x07b\x1b]8;;http://x.example.com\x1b\\c", "abc"),
        ("a\x9b31mb\x1bPq#0\x1b\\c\x1bcd", "abcd"),
        ("one\r\ntwo\tthree\u2028four", "one two three four"),
        ("a\x00\x07\x08\x7f\x85b\ufeff", "a b"),
        ("\u202egnp.exe\u2066", "gnp.exe"),
        ("half \ud83d an emoji", "half \ufffd an emoji"),
        ("a whole one 👩\u200d💻", "a whole one 👩\u200d💻"),
        ("postgres://me:pa/ss@w@db.example.com/x", "postgres://me:(secret)@db.example.com/x"),
        ("http://proxy:hunter2@10.0.0.1:3128 failed", "http://proxy:(secret)@10.0.0.1:3128 failed"),
        ("host=db password='a b' user=me", "host=db password=(secret) user=me"),
        ("https://api.example.com:443/api/v1", "https://api.example.com:443/api/v1"),
    ],
)
def test_foreign_text_is_plain_text(foreign: str, shown: str) -> None:
    assert printable(foreign) == shown


def test_a_secret_is_found_in_any_writing() -> None:
    keep_secret("sk/live+key=1\n", "tiny", "", None)
    for text in (
        "x sk/live+key=1.",
        "SK/LIVE+KEY=1",
        "q=sk%2Flive%2Bkey%3D1",
        "sk/live\x1b[m+key=1",
    ):
        assert "(secret)" in printable(text), text
    assert printable("a tiny thing") == "a tiny thing"
    assert passwords_in("redis://me:me@x.example.com postgres://a:b%40c@y.example.com") == ["b%40c"]
    assert one_line("x" * 190 + " sk/live+key=1") == "x" * 190 + " (secret)"


WORDS = "slow [/b] [bold]down[/] :boom: \x1b]0;pwned\x07\x1b[2J\x1b[31m\r\n\u202e <!channel> @here"


def test_an_api_that_writes_markup_and_echoes_keys(
    workplace: Workplace, inbox: tuple[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, posted = inbox
    workplace.set(AIRMEET__WEBHOOK_URL=url)
    tokens: set[str] = set()
    with simulated(airmeets=1) as (simulator, address):
        workplace.point_at(address.v1)
        respond = simulator.respond

        def refusing(method: str, path: str, *others: Any, **named: Any) -> Any:
            answer = respond(method, path, *others, **named)
            if path.endswith("/auth"):
                tokens.add(json.loads(answer.body)["data"]["token"])
            if not path.endswith("/registrations"):
                return answer
            echoed = f"{ACCESS_KEY} {SECRET_KEY} {' '.join(tokens)} {url}"
            body = json.dumps({"statusCode": 401, "statusMessage": f"{WORDS} {echoed}"})
            return replace(answer, status=401, body=body.encode())

        monkeypatch.setattr(simulator, "respond", refusing)
        files = ("--summary", "run.json", "--metrics", "run.prom", "--verbose")
        load = workplace.run("load", "--no-reports", *files)
        status = workplace.run("status")
    assert (load.code, status.code) == (3, 0)
    seen = "slow [/b] [bold]down[/] :boom: "
    assert all(seen in " ".join(text.split()) + " " for text in (load.out, load.err, status.out))
    [message] = posted
    assert "slow [/b] [bold]down[/] :boom: &lt;!channel&gt; (at)here" in message["text"]
    summary = (workplace.folder / "run.json").read_text()
    everything = [load.out, load.err, status.out, message["text"], summary]
    for text in everything:
        assert "\x1b" not in text and "\\u001b" not in text and "\u202e" not in text
        assert "pwned" not in text
    secrets = {ACCESS_KEY, SECRET_KEY, "a-hook-nobody-knows", *tokens}
    assert not [secret for secret in secrets for text in everything if secret in text]
    assert {trace.partition(": ")[0] for trace in traces(workplace.folder, secrets)} <= {
        str(file.relative_to(workplace.folder))
        for file in (workplace.folder / "dlt").rglob("token-*")
    }


def test_secrets_of_settings_are_in_nothing_that_is_printed(
    workplace: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(".dlt").mkdir()
    Path(".dlt/secrets.toml").write_text('[destination.postgres.credentials]\npassword = "s3cr3t"')
    workplace.set(
        DESTINATION__SNOWFLAKE__CREDENTIALS="snowflake://me:0pens3same@host.example.com/db",
        HTTPS_PROXY="http://me:pr0xyword@proxy.example.com:3128",
        SOURCES__AIRMEET__PRIVACY_KEY="a key of sixteen characters",
    )
    assert workplace.run("status").code == 0
    print_error(CommandError("s3cr3t 0pens3same pr0xyword a key of sixteen characters"))
    assert capsys.readouterr().err == "airmeet: (secret) (secret) (secret) (secret)\n"


def test_tables_and_lines_show_foreign_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    console = terminal.open_console()
    rows = [("[/b]", "x\x1b[2Jy"), (None, 1)]
    terminal_tables.show_table(console, "[i]t[/i]", ("a", "b"), rows)
    with Display() as display:
        display.line("[red]\x1b[1mslow[/]")
    captured = capsys.readouterr()
    assert "[i]t[/i]" in captured.out and "[/b]" in captured.out and "xy" in captured.out
    assert captured.err == "[red]slow[/]\n"
