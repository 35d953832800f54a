"""Insurance-assisted relief claims: one notice, every cover, paid to the fen."""

__version__ = "0.1.0"
