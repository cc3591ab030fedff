"""The error for settings that cannot be used."""


class SettingsError(Exception):
    """A setting cannot be used. The message is one sentence: which one, where it was set, and how to correct it."""
