"""Acts on notices: draft, change, read, papers, submit, withdraw."""
