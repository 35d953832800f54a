"""THE DOOR: JSON in and out: who calls, is the form well filled, what answer. No rules, no SQL."""
