"""`python -m api.cli` is `muhatap`."""

from api.cli import main

if __name__ == "__main__":
    main()
