"""`airmeet init` on a terminal of its own."""

import os
import pty
import stat
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from airmeet_simulator.tokens import ACCESS_KEY, SECRET_KEY

from tests.workplace import Workplace, simulated


def typed(answers: Sequence[str]) -> tuple[int, str]:
    """Run `airmeet init` on a terminal; type each answer at its prompt. Exit code and screen."""
    screen_end, terminal = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if not k.endswith(("_KEY", "__REGION"))}
    command = [sys.executable, "-m", "airmeet_etl.cli", "init"]
    process = subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment,
        start_new_session=True, preexec_fn=lambda: _control(terminal),
    )  # fmt: skip
    os.close(terminal)
    screen = b""
    waiting = list(answers)
    while True:
        try:
            seen = os.read(screen_end, 4096)
        except OSError:  # the other end is closed
            break
        if not seen:
            break
        screen += seen
        if waiting and screen.endswith(b": "):
            os.write(screen_end, waiting.pop(0).encode() + b"\n")
    os.close(screen_end)
    return process.wait(), screen.decode()


def _control(terminal: int) -> None:
    import fcntl
    import termios

    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


def test_the_keys_are_proved_and_kept_unseen(workplace: Workplace) -> None:
    file = Path(".dlt/secrets.toml")
    file.parent.mkdir()
    file.write_text('# mine\n[destination.postgres]\ncredentials = "kept"\n')
    with simulated(airmeets=1) as (_, address):
        workplace.point_at(address.v1)
        code, screen = typed(["", ACCESS_KEY, SECRET_KEY])
    assert code == 0, screen
    assert "airmeet load" in screen
    assert ACCESS_KEY not in screen and SECRET_KEY not in screen
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert tomllib.loads(file.read_text()) == {
        "destination": {"postgres": {"credentials": "kept"}},
        "sources": {
            "airmeet": {"region": "v1", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
        },
    }
    assert file.read_text().startswith("# mine\n")


def test_keys_that_do_not_work_are_not_kept(workplace: Workplace) -> None:
    with simulated(airmeets=1) as (_, address):
        workplace.point_at(address.v1)
        code, screen = typed(["v1", ACCESS_KEY, "wrong"])
    assert code == 1
    assert "does not accept the keys" in screen
    assert not Path(".dlt/secrets.toml").exists()


def test_without_a_terminal_it_says_what_to_do(workplace: Workplace) -> None:
    command = [sys.executable, "-m", "airmeet_etl.cli", "init"]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "SOURCES__AIRMEET__ACCESS_KEY" in ended.stderr
