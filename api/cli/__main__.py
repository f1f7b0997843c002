"""`python -m api.cli` is `muhatap`."""

from api.cli import main

main()
