"""`python -m app.cli` is the `relief` command without installing it."""

import sys

from app.cli import main

if __name__ == "__main__":  # a pool's process imports this file and must not run it
    sys.exit(main())
