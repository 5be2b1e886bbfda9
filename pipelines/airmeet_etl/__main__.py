"""`python -m airmeet_etl` is the command `airmeet`."""

import sys

from .cli import program

if __name__ == "__main__":
    sys.exit(program())
