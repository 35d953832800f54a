"""`python -m app.cli` is the `relief` command without installing it."""

import sys

from app.cli import main

sys.exit(main())
