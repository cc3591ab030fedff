"""The error that all of the settings raise."""


class SettingsError(Exception):
    """A setting that cannot be used: one sentence that says which, where it was given, and what would be right."""
