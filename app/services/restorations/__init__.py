"""Acts after the database was restored to an older state: hold, hear insurers, go on."""
