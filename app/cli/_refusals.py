"""What a sub-command may refuse with before it begins; said as it is, with exit status 1."""


class CannotStart(Exception):
    """The database server cannot carry this service, or an extra is missing; says why, by lines."""
