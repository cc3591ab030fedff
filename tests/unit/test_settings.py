"""Settings: precedence, types and bounds, and the errors about wrong ones."""

import os
from pathlib import Path

import pytest
from textual.theme import BUILTIN_THEMES

from app.cli.configuration import find_problems, plain_settings, read_settings, split_options
from app.deepwriter.base_url import DEFAULT_BASE_URL
from app.presentation.themes import THEMES
from app.settings.errors import SettingsError
from app.settings.load import load_settings
from app.settings.paths import config_path, data_path
from app.settings.schema import DATABASE_NAME, SETTINGS, Settings
from widgets.themes import DARK, LIGHT


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Where a test may write a settings file."""
    return tmp_path / "config.toml"


def refusal(config: Path, text: str) -> str:
    """The error about a settings file with this text, without the path."""
    config.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_settings({"config": str(config)}, {})
    sentence = str(refused.value)
    assert "\n" not in sentence
    return sentence.removeprefix(f"{config}:")


def test_without_any_settings_the_defaults_apply() -> None:
    settings = load_settings({}, os.environ)
    assert settings == Settings(database=data_path() / DATABASE_NAME, sources=settings.sources)
    assert settings.base_url == DEFAULT_BASE_URL
    assert (settings.intervals.fast, settings.intervals.medium, settings.intervals.slow) == (5, 15, 60)
    assert settings.requests_per_minute == 300
    assert set(settings.sources) == {setting.key for setting in SETTINGS}
    assert set(settings.sources.values()) == {"default"}


def test_every_setting_has_a_value_a_name_and_a_sentence() -> None:
    for setting in SETTINGS:
        value = Settings().value(setting.key)
        assert value == setting.default or setting.default is None
        given = str(value) if setting.type is Path else value
        assert value is None or setting.validate(given) == value
        assert setting.help
        assert not setting.help.endswith(".")
        assert setting.expected
        assert setting.option or setting.variable or setting.in_file


def test_options_precede_the_environment_which_precedes_the_file(config: Path) -> None:
    config.write_text("requests_per_minute = 10\nread_only = true\n[intervals]\nslow = 90\n")
    environ = {"DWTOP_REQUESTS_PER_MINUTE": "20", "DWTOP_READ_ONLY": "false"}
    settings = load_settings({"config": str(config), "requests_per_minute": "30"}, environ)
    assert settings.requests_per_minute == 30
    assert settings.sources["requests_per_minute"] == "--requests-per-minute"
    assert settings.read_only is False
    assert settings.sources["read_only"] == "DWTOP_READ_ONLY"
    assert settings.intervals.slow == 90.0
    assert settings.sources["intervals.slow"] == f"{config}:4"
    settings = load_settings({"config": str(config)}, environ)
    assert settings.requests_per_minute == 20
    assert load_settings({"config": str(config)}, {"DWTOP_REQUESTS_PER_MINUTE": ""}).requests_per_minute == 10


def test_the_usual_file_is_optional() -> None:
    assert load_settings({}, os.environ).theme == "dwtop-dark"
    config_path().parent.mkdir(parents=True)
    config_path().write_text('theme = "nord"', encoding="utf-8")
    assert load_settings({}, os.environ).theme == "nord"
    assert load_settings({}, os.environ, ignore=["theme"]).theme == "dwtop-dark"


@pytest.mark.parametrize(
    ("variable", "text", "key", "value"),
    [
        ("DEEPWRITER_BASE_URL", "https://EXAMPLE.org/api/", "base_url", "https://example.org/api"),
        ("DEEPWRITER_BASE_URL", "http://127.0.0.1:8000", "base_url", "http://127.0.0.1:8000"),
        ("DWTOP_AUTH", " api-key ", "auth", "api-key"),
        ("DWTOP_INTERVALS_FAST", "2.5", "intervals.fast", 2.5),
        ("DWTOP_HISTORY_DAYS", "7", "history.days", 7),
        ("DWTOP_DATABASE", "/tmp/some/jobs.db", "database", Path("/tmp/some/jobs.db")),
        ("DWTOP_BELL", "Off", "bell", False),
        ("DWTOP_KEYS", "table.down=j,down jobs.x=f2", "keys", {"table.down": "j,down", "jobs.x": "f2"}),
        ("DWTOP_TOKEN_FILE", "/not/read", "token_file", None),
        ("DWTOP_JOB_TITLE", "a variable of a hook", "base_url", DEFAULT_BASE_URL),
        ("NO_COLOR", "1", "no_color", True),  # by its presence
        ("NO_COLOR", "0", "no_color", True),
        ("NO_COLOR", "false", "no_color", True),
        ("NO_COLOR", "", "no_color", False),
    ],
)
def test_settings_are_read_from_the_environment(variable: str, text: str, key: str, value: object) -> None:
    assert load_settings({}, {variable: text}).value(key) == value


def test_insecure_http_must_be_allowed(config: Path) -> None:
    environ = {"DEEPWRITER_BASE_URL": "http://api.example.org"}
    with pytest.raises(SettingsError, match=r"^DEEPWRITER_BASE_URL: "):
        load_settings({}, environ)
    config.write_text("allow_insecure_http = true", encoding="utf-8")
    assert load_settings({"config": str(config)}, environ).base_url == "http://api.example.org"


def test_ignored_settings_are_not_even_checked(config: Path) -> None:
    environ = {"DEEPWRITER_BASE_URL": "nonsense://", "DWTOP_DATABASE": "/elsewhere.db"}
    config.write_text('token_command = ""\nascii = true', encoding="utf-8")
    ignored = ["base_url", "database", "token_command"]
    settings = load_settings({"config": str(config)}, environ, ignore=ignored)
    assert (settings.base_url, settings.token_command, settings.ascii) == (DEFAULT_BASE_URL, None, True)
    assert settings.database == Path(os.devnull)
    assert settings.sources["base_url"] == "default"


def test_relative_paths_are_relative_to_the_file(config: Path) -> None:
    config.write_text('database = "jobs.db"', encoding="utf-8")
    assert load_settings({"config": str(config)}, {}).database == config.parent / "jobs.db"
    assert load_settings({"token_file": "~/token"}, {}).token_file == Path.home() / "token"
    assert load_settings({"token_file": "token"}, {}).token_file == Path("token")


def test_keys_of_actions_with_and_without_quotes(config: Path) -> None:
    config.write_text('\n[keys]\ntable.down = "j"\n"jobs.cancel" = "x,f8"\n', encoding="utf-8")
    settings = load_settings({"config": str(config)}, {})
    assert settings.keys == {"table.down": "j", "jobs.cancel": "x,f8"}
    assert settings.sources["keys"] == f"{config}:2"
    assert str(settings.error("keys.table.down", "is wrong")) == f"{config}:3: keys.table.down is wrong"
    assert str(settings.error("keys.jobs.cancel", "is wrong")) == f"{config}:4: keys.jobs.cancel is wrong"


def test_an_error_found_later_names_the_source() -> None:
    settings = load_settings({"interval": "3"}, {"DWTOP_THEME": "mauve"})
    assert str(settings.error("theme", "is unknown")) == "DWTOP_THEME is unknown"
    assert str(settings.error("interval", "is too short")) == "--interval is too short"
    assert str(settings.error("bell", "cannot be rung")) == "bell cannot be rung"


SEVERAL_LINES = 'theme = """\nascii = 1\n[keys]\n"""\n\n# bell = 3\ntoken_command = "a=b" # bell = 4\r\n[ keys ]\na = "b"\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("bas_url = 1", "1: there is no setting bas_url; did you mean base_url?"),
        ("\n[intervals]\nfast = 1\nslwo = 2", "4: there is no setting intervals.slwo; did you mean intervals.slow?"),
        ("[interval]\nfast = 1", "2: there is no setting interval.fast; did you mean intervals.fast?"),
        ("history_days = 1", "1: there is no setting history_days; did you mean history.days?"),
        ("[zebra]", "1: there is no setting zebra; the settings are base_url, auth,"),
        ("\ntheme = 3", "2: theme must be text that is not empty, not 3"),
        ("theme = ''", "1: theme must be text that is not empty, not ''"),
        ("token_command = ['pass', 'show']", "1: token_command must be text that is not empty, not a list"),
        ("auth = 'Bearer'", '1: auth must be "bearer" or "api-key", not \'Bearer\''),
        ("ascii = 'yes'", "1: ascii must be true or false, not 'yes'"),
        ("requests_per_minute = 0", "1: requests_per_minute must be a whole number of requests from 1 to 6000, not 0"),
        ("requests_per_minute = 2.5", "1: requests_per_minute must be a whole number of requests from 1 to 6000"),
        ("history.events = 1", "1: history.events must be a whole number of events from 100 to 10000000, not 1"),
        ("intervals.fast = 0.5", "1: intervals.fast must be a number of seconds from 1 to 86400, not 0.5"),
        ("intervals.fast = nan", "1: intervals.fast must be a number of seconds from 1 to 86400, not nan"),
        ("intervals = 5", "1: intervals is a table; set one of intervals.fast, intervals.medium"),
        ("keys = 'j'", "1: keys must be a table of lines such as action = \"key,key\", not 'j'"),
        ("[keys]\na = 'b'\nc = 1", '3: keys may only have entries such as action = "key,key", each with text that is not empty'),
        ("database = 1", "1: database must be the path of a file, not 1"),
        ("base_url = 'ftp://example.org'", "1: "),
        ("interval = 5", "1: interval cannot be in a file; use the option --interval"),
        ("no_color = true", "1: no_color cannot be in a file; use the option --no-color or the environment"),
        ("token_file = 'x'", "1: token_file cannot be in a file; use the option --token-file"),
        ("theme = \n", "1: this is not valid TOML: invalid value"),
        ("theme = 'a'\ntheme = 'b'\n", "2: this is not valid TOML: cannot overwrite a value"),
        ("[hooks]\n[hooks]\n", "2: this is not valid TOML: cannot declare hooks twice"),
        ("[a.'b c']\n[a.'b c']\n", "2: this is not valid TOML: cannot declare a.b c twice"),
        ("theme = 'a'\nx = [1,\n2", "3: this is not valid TOML: "),
        (f"{SEVERAL_LINES}[history]\ndays = 'x'\n", "11: history.days must be"),
        (f"bell = 3\n{SEVERAL_LINES}", "1: bell must be"),
        ("x = [\n 1,\n # ]\n]\n", "1: there is no setting x;"),
        ('# """ begins a string\nbell = 3\n# """ ends it', "2: bell "),
        ("web_url = \"'''\"\n[history]\ndays = 'x'\n[keys]\na = \"'''\"", "3: history.days "),
        ('theme = """\\"""\nbell = 4\n"""\nbell = 3', "4: bell "),
        ('theme = """x""""\nbell = 3', "2: bell "),
        ('[keys]\n"=#][" = "a"\n[history]\ndays = "x"', "4: history.days "),
        ("[themes.a]\nprimary = 'red'\n['themes'.'b c']\nprimary = 3", "3: themes "),
        ('theme = "a"\n"x=y" = 1', "2: there is no setting x=y"),
        ("theme = 'a'\n[[history]]\ndays = 1", "2: history "),
        ('columns = [\n"bell = 3",\n["]"],\n]\nbell = 3', "5: bell "),
    ],
)  # fmt: skip
def test_errors_in_a_file_name_the_line(config: Path, text: str, sentence: str) -> None:
    assert refusal(config, text).startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = " + "9" * 5000, "a number in it has too many digits; correct it"),
        ("x = " + "[" * 3000, "tables or lists in it are nested too deeply; correct it"),
        ("[x" + ".x" * 3000 + "]", "1: there is no setting x.x;"),
        ("[keys" + ".x" * 3000 + "]", "1: keys may only have entries such as"),
        ("bell = 0x" + "f" * 5000, "1: bell must be true or false, not such a long number"),
        ("['a\u202eb']\n\"c\\n\\u001bd\" = 1", "2: there is no setting ab.c ␛d;"),
    ],
    ids=["digits", "list", "table", "keys", "hexadecimal", "control characters"],
)
def test_nothing_in_a_file_is_too_strange_for_one_sentence(config: Path, text: str, sentence: str) -> None:
    assert refusal(config, text).lstrip().startswith(sentence)


def test_files_that_cannot_be_read(config: Path) -> None:
    with pytest.raises(SettingsError, match=r"there is no file .*config\.toml; "):
        load_settings({"config": str(config)}, {})
    config.write_bytes(b"theme = 'a'\n# caf\xe9\n")
    with pytest.raises(SettingsError, match=r"config\.toml:2: this is not UTF-8 text; "):
        load_settings({"config": str(config)}, {})
    with pytest.raises(SettingsError, match="cannot be read: is a directory; "):
        load_settings({"config": str(config.parent)}, {})
    os.mkfifo(config.with_name("pipe"))  # without a writer
    with pytest.raises(SettingsError, match="is not a file; make it one, or name another with --config"):
        load_settings({"config": str(config.with_name("pipe"))}, {})
    config.write_bytes(b"\xef\xbb\xbftheme = 'a'\r\n")
    assert load_settings({"config": str(config)}, {}).theme == "a"


@pytest.mark.parametrize(
    ("options", "environ", "sentence"),
    [
        ({"interval": "0.5"}, {}, "--interval must be a number of seconds from 1 to 86400, not 0.5"),
        ({"interval": "nan"}, {}, "--interval must be a number of seconds from 1 to 86400, not nan"),
        ({"token_file": ""}, {}, "--token-file must be the path of a file, not ''"),
        ({"database": "~nobody-of-this-name/x"}, {}, "--database must be the path of a file, not '~nobody"),
        ({"base_url": ""}, {}, "--base-url must be text that is not empty, not ''"),
        ({"base_url": "ftp://example.org"}, {}, "--base-url: "),
        ({}, {"DWTOP_ASCII": "maybe"}, "DWTOP_ASCII must be true or false, not 'maybe'"),
        ({}, {"DWTOP_INTERVALS_FAST": "5s"}, "DWTOP_INTERVALS_FAST must be a number of seconds"),
        ({}, {"DWTOP_REQUESTS_PER_MINUTE": "1e3"}, "DWTOP_REQUESTS_PER_MINUTE must be a whole number"),
        ({}, {"DWTOP_KEYS": "table.down"}, "DWTOP_KEYS must be entries such as action=key,key, separated"),
        ({}, {"DWTOP_AUTH": "x" * 500}, f'DWTOP_AUTH must be "bearer" or "api-key", not \'{"x" * 58}…'),
        ({}, {"DWTOP_HOOKS_ON_FINISH": "say 'done"}, "DWTOP_HOOKS_ON_FINISH has a quote"),
        ({}, {"DWTOP_THEME": "\0"}, r"DWTOP_THEME must be text that is not empty, not '\x00'"),
    ],
)
def test_errors_name_options_and_variables(
    options: dict[str, str], environ: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings(options, environ)
    assert str(refused.value).startswith(sentence)


WRONG = {
    "theme = 'nowhere'": "theme names a theme 'nowhere' that does not exist; choose from: ansi-dark, ",
    "sort = 'mark'": "sort names a column 'mark' that does not exist; choose from: title, status, ",
    "columns = 'stage, nowhere'": "columns names a column 'nowhere' that does not exist; choose from: stage, ",
    "token_command = 'pass \"show'": "token_command has a quote that is not closed, or ends in a backslash; complete it",
    'hooks.on_finish = "notify \'done"': "hooks.on_finish has a quote that is not closed, or ends in a backslash",
    "web_url = 'https://example.org/{job}'": "web_url may have no braces other than {job_id}",
    "tmux_format = '{nothing}'": "tmux_format can name {running}, ",
    "keys.'jobs.cancl' = 'x'": "keys.jobs.cancl names no action; did you mean jobs.cancel?",
}

WRONG_THEMES = {
    "themes.forest.primry = 'teal'": "themes.forest.primry is not a colour; below [themes.NAME], set primary, ",
    "themes.primary = 'teal'": "themes.primary is not a colour; below [themes.NAME], set primary, ",
    "themes.moss.primary = '#12'": 'themes.moss.primary must be a colour such as "#5fafff" or "teal", not \'#12\'',
    "themes.moss.error = 'transparent'": "themes.moss.error must be a colour such as ",
    "themes.moss.primary = 3": 'themes may only have entries such as forest.primary = "#87af5f", each with text',
}


def test_the_themes_are_ours_and_those_of_textual() -> None:
    assert set(THEMES) == {DARK.name, LIGHT.name, *BUILTIN_THEMES}


@pytest.mark.parametrize("line", [*WRONG, *WRONG_THEMES])
def test_an_unknown_name_is_reported_with_its_line(line: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"\n{line}\n", encoding="utf-8")
    said = (WRONG | WRONG_THEMES)[line]
    with pytest.raises(SettingsError) as error:
        read_settings({"config": str(config)}, {})
    assert str(error.value).startswith(f"{config}:2: {said}")
    assert "\n" not in str(error.value)


def test_all_problems_are_found(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("\n".join(WRONG), encoding="utf-8")
    settings = read_settings({"config": str(config)}, {}, check=False)
    assert len(list(find_problems(settings))) == len(WRONG)


def test_options_are_split_from_other_words() -> None:
    given = ["status", "--ascii", "--config=a", "--tmux", "--interval", "2.5", "-x", "--", "--read-only"]
    options, others = split_options(given)
    assert options == {"ascii": "true", "config": "a", "interval": "2.5"}
    assert others == ["status", "--tmux", "-x", "--", "--read-only"]
    assert read_settings({"interval": "2.5"}, {}).interval == 2.5
    with pytest.raises(SettingsError, match=r"^--interval must be a number"):
        read_settings({"interval": "soon"}, {})


@pytest.mark.parametrize(
    ("line", "environ", "config"),
    [
        ("list", {}, ""),
        ("00000000-0000-0000-0000-000000000001", {}, ""),
        ("--demo", {}, ""),
        ("--help", {}, ""),
        ("--config config.toml", {}, ""),
        ("--interval", {}, ""),
        ("--interval soon", {}, ""),
        ("--interval 0", {}, ""),
        ("--read-only=yes", {}, ""),
        ("--base-url http://example.invalid/api", {}, ""),
        ("-- --ascii", {}, ""),
        ("", {"DWTOP_INTERVALS_FAST": "never"}, ""),
        ("", {"DWTOP_ASCII": "perhaps"}, ""),
        ("", {"DWTOP_TMUX_FORMAT": "{nonsense}"}, ""),
        ("", {"DWTOP_THEME": "nonsense"}, ""),
        ("", {}, "database = 3"),
        ("", {}, "colour = 'red'"),
        ("", {}, "nonsense"),
    ],
)
def test_command_lines_that_are_not_plain_or_have_wrong_settings_are_left_to_click(
    line: str, environ: dict[str, str], config: str
) -> None:
    config_path().parent.mkdir(parents=True)
    config_path().write_text(config, encoding="utf-8")
    assert plain_settings(line.split(), environ) is None
    assert plain_settings(["status", "--tmux", *line.split()], environ, ["status", "--tmux"]) is None


@pytest.mark.parametrize(
    "line", ["status", "list --tmux", "status --tmux some-id", "status --tmux --database"]
)
def test_only_the_line_for_tmux_is_printed_without_click(line: str) -> None:
    assert plain_settings(["status", "--tmux"], {}, ["status", "--tmux"])
    assert plain_settings(line.split(), {}, ["status", "--tmux"]) is None


@pytest.mark.parametrize(
    ("environ", "plain"),
    [
        ({}, False),
        ({"LANG": "C"}, True),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, True),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, True),  # as Python leaves LANG=C
        ({"LC_CTYPE": "en_US.UTF-8", "LANG": "C"}, False),
        ({"LC_ALL": "C.UTF-8", "LANG": "C"}, False),
        ({"LANG": "C.UTF-8"}, False),
        ({"LC_CTYPE": "C.UTF-8"}, False),  # as Python leaves an environment without any
        ({"LANG": "C", "DWTOP_ASCII": "no"}, False),
        ({"TERM": "linux"}, True),
        ({"TERM": "linux", "DWTOP_ASCII": "no"}, False),
    ],
)
def test_symbols_are_ascii_in_the_c_locale_and_on_a_console(environ: dict[str, str], plain: bool) -> None:
    assert read_settings({}, environ).ascii is plain
