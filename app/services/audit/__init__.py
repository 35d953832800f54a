"""The audit trail: read it, verify it, publish where it stands."""
