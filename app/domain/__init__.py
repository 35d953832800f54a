"""THE RULE BOOK: pure functions and frozen dataclasses, standard library only; no clock, no I/O."""
