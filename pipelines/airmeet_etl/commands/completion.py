"""`airmeet completion`: lets a shell complete commands and options."""

import argparse

HELP = "print what lets a shell complete commands and options"

_SHELLS = ("bash", "zsh", "fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("shell", choices=_SHELLS, help="yours")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = """examples:
  eval "$(airmeet completion bash)"                     # in ~/.bashrc
  airmeet completion zsh > "${fpath[1]}/_airmeet"
  airmeet completion fish > ~/.config/fish/completions/airmeet.fish"""


def run(args: argparse.Namespace) -> int:
    """Print it; the exit code is returned."""
    import shtab

    parser: argparse.ArgumentParser = args.whole_parser()
    print(shtab.complete(parser, shell=args.shell))
    return 0
