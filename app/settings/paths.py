"""Where dwtop's files are: on Linux, in the XDG base directories."""

from pathlib import Path

from app.settings.errors import SettingsError


def config_path() -> Path:
    """The default settings file, which may not exist. Raises `SettingsError` without a home folder."""
    return _folder("user_config_dir", "XDG_CONFIG_HOME") / "config.toml"


def data_path() -> Path:
    """The folder of the database and the stored token, which may not exist. Raises like `config_path`."""
    return _folder("user_data_dir", "XDG_DATA_HOME")


def token_path() -> Path:
    """The file in which `dwtop login` stores a token. Raises like `config_path`."""
    return data_path() / "token"


def stored_token_path() -> Path | None:
    """Like `token_path`, but None without a home folder."""
    try:
        return token_path()
    except SettingsError:
        return None


def _folder(kind: str, variable: str) -> Path:
    import platformdirs

    try:
        folder: str = getattr(platformdirs, kind)("dwtop", appauthor=False)
    except RuntimeError:  # neither HOME nor the password database names a home folder
        folder = "~"
    if folder.startswith("~"):  # returned by platformdirs before 4.14 instead of raising
        raise SettingsError(f"this user has no home folder; set HOME or {variable}")
    return Path(folder)
