"""What the programs of emulators share, each of them run by the Python of its own environment."""

import os
import sys
import threading


def end_with_input() -> None:
    """Let the process end when its input does: with the test that started it."""
    threading.Thread(target=_read_and_end, daemon=True).start()


def _read_and_end() -> None:
    sys.stdin.read()
    os._exit(0)
