"""Reads and checks the settings of a command. Does not import click, which would slow down the start of some commands."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress

from app.cli.output.terminal import why_ascii
from app.settings.errors import SettingsError
from app.settings.load import load_settings
from app.settings.schema import COMMANDS, OPTIONS, Settings


def read_settings(
    options: Mapping[str, str],
    environ: Mapping[str, str],
    *,
    ignore: Collection[str] = (),
    check: bool = True,
) -> Settings:
    """The settings in force, from the options on the command line, `--config` among them, and the other sources.

    Keys in `ignore` keep their default. With `check`, values that name something that does not exist are refused; see
    `find_problems`. `ascii` is turned on if the terminal or the locale cannot show other symbols.
    """
    settings = load_settings(options, environ, ignore=ignore)
    if check:
        for error in find_problems(settings):
            raise error
    if not settings.ascii and (reason := why_ascii(environ, chosen=settings.is_set("ascii"))):
        settings = settings._replace(ascii=True, sources={**settings.sources, "ascii": reason})
    return settings


def split_options(arguments: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The common options in a command line, for `read_settings`, and the other words.

    An option without its value counts as another word, and so does everything after `--`.
    """
    flags = {setting.option_name: setting.key for setting in OPTIONS if setting.type is bool}
    valued = {setting.option_name: setting.key for setting in OPTIONS if setting.type is not bool}
    options: dict[str, str] = {}
    others: list[str] = []
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if word in flags:
            options[flags[word]] = "true"
        elif name in valued and (text := value if equals else next(words, None)) is not None:
            options[valued[name]] = text
        else:
            others.append(word)
            if word == "--":
                others.extend(words)
    return options, others


def plain_settings(
    arguments: Sequence[str], environ: Mapping[str, str], words: Sequence[str] = ()
) -> Settings | None:
    """The settings, if a command line has only these words and common options, and none is wrong; else None."""
    options, others = split_options(arguments)
    with suppress(SettingsError):
        return read_settings(options, environ) if others == list(words) else None
    return None


def find_problems(settings: Settings) -> Iterator[SettingsError]:
    """Values of the right type that name a theme, column, key, command or placeholder that does not exist.

    Settings at their default are not checked, since commands run the checks at every start.
    """
    for key, source in settings.sources.items():
        if source != "default":
            try:
                _check(settings, key)
            except ValueError as error:
                yield settings.error(key, str(error))
            except SettingsError as error:  # about an entry of a table
                yield error


def _check(settings: Settings, key: str) -> None:
    """Raise an error if a setting names something that does not exist; the text of a `ValueError` follows its name."""
    match key:
        case "sort":
            from app.presentation.columns import COLUMNS

            _require(settings.sort, COLUMNS, "column")
        case "columns":
            from app.presentation.columns import COLUMNS, OPTIONAL

            for name in filter(None, map(str.strip, settings.columns.split(","))):
                if name not in COLUMNS:  # a fixed column may be named, but is not offered
                    _require(name, OPTIONAL, "column")
        case _ if key in COMMANDS:
            import shlex

            try:
                shlex.split(settings.value(key))
            except ValueError:
                raise ValueError(
                    "has a quote that is not closed, or ends in a backslash; complete it, or remove it"
                ) from None
        case "web_url":
            from app.notify.opener import page_url

            page_url(settings.web_url or "", job_id="", project_id="")
        case "tmux_format":
            from app.presentation.tmux_line import status_line
            from app.store.counts_query import JobCounts

            status_line(JobCounts(), settings.tmux_format, 0.0)
        case "keys":
            from app.presentation.keymap import keymap_of

            keymap_of(settings)
        case "theme":
            from app.presentation.themes import THEMES

            own = dict.fromkeys(name.partition(".")[0] for name in settings.themes)
            _require(settings.theme, (*THEMES, *own), "theme")
        case "themes":
            from app.presentation.themes import user_themes

            user_themes(settings)


def _require(name: str, names: Collection[str], kind: str) -> None:
    if name not in names:
        raise ValueError(f"names a {kind} {name!r} that does not exist; choose from: {', '.join(names)}")
