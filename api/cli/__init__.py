"""The `muhatap` command: every word of it, and how a fault is said."""

from api.cli.commands import app
from api.cli.shell import run_app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line and leave with its exit code."""
    raise SystemExit(run_app(app))
