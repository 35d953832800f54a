"""Acts on accounts: ask a payer's channel whether they belong to their names, keep the answer."""
