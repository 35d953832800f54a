"""What a wrong setting is called, and what every variable begins with."""

PREFIX = "RELIEF_"


class SettingsInvalid(Exception):
    """One or more settings are wrong: names each variable and what is allowed, never its value."""
