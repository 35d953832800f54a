"""Insurance-assisted relief claims: one notice, every cover, paid to the fen."""
