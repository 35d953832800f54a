"""THE MEASURES: one file per rule shape, facts in, trace lines and fen out."""
