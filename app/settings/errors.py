"""The error for settings that cannot be used."""

from app.text import safe_text


class SettingsError(Exception):
    """A setting cannot be used. The message is one sentence: which setting, where it was set, and how to correct it."""

    def __init__(self, message: str) -> None:
        super().__init__(safe_text(message))  # the keys in a file may be any text
