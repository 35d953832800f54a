"""Acts on payouts: read, and correct an account by two persons."""
