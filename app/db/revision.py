"""The schema revision that this code is written for; a test compares it with `migrations/`."""

HEAD = "0032"
