"""The change feed: numbering what has happened, and reading it on from a place."""
