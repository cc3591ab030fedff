"""Remapped keys in the main screen and in dialogs."""

from pathlib import Path

import pytest

from app.settings.schema import Settings
from tests.scripted_api import job_id
from tests.ui.dashboard_host import fill, known, known_jobs, running_dashboard


def remapped(**keys: str) -> Settings:
    return Settings(keys={action.replace("__", "."): key for action, key in keys.items()})


@pytest.mark.parametrize(
    ("opened", "settings", "old", "new", "hint"),
    [
        ("question_mark", remapped(help__close="F8"), "escape", "f8", "j k scroll   F8 close"),
        ("e", remapped(log__close="C-x", dialog__down="Down"), "q", "ctrl+x", "↓ k scroll   Ctrl+x close"),
        ("a", remapped(add__close="Ctrl-G"), "escape", "ctrl+g", "Ctrl+g close"),
        (
            "c",
            remapped(columns__close="q", columns__switch="x"),
            "escape",
            "q",
            "x on/off   Enter apply   q close",
        ),
        (
            "L",
            remapped(login__close="^G", login__kind="F9"),
            "escape",
            "ctrl+g",
            "Enter sign in   Ctrl+g close",
        ),
        ("x", remapped(cancel__keep="F8, N"), "n", "N", "y cancel it   F8 keep it running"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_a_dialog_closes_by_its_new_key_and_says_so(
    tmp_path: Path, opened: str, settings: Settings, old: str, new: str, hint: str
) -> None:
    async with running_dashboard(tmp_path / "db", jobs=[known(1)], settings=settings) as dash:
        await dash.connected()
        await dash.press(opened)
        await dash.until(hint)
        await dash.press(old)
        assert hint in dash.text
        await dash.press(new)
        await dash.until(lambda: hint not in dash.text)
        assert dash.app.screen is dash.main


async def test_the_login_dialog_names_the_new_keys_of_its_choices(tmp_path: Path) -> None:
    async with running_dashboard(
        tmp_path / "db", jobs=[known(1)], settings=remapped(login__kind="F9")
    ) as dash:
        await dash.connected()
        await dash.press("L")
        await dash.until("F9  (x) token")
        await dash.press("f2")
        assert "(x) token" in dash.text
        await dash.press("f9")
        await dash.until("(x) API key")


async def test_the_key_that_adds_jobs_can_be_remapped(tmp_path: Path) -> None:
    async with running_dashboard(
        tmp_path / "db", jobs=[known(1)], settings=remapped(add__accept="F8")
    ) as dash:
        await dash.connected()
        await dash.paste(job_id(2))
        await dash.until("F8 add it   Esc close")
        await dash.press("enter")
        assert dash.watched == [job_id(1)]
        await dash.press("f8")
        await dash.until(lambda: dash.watched == [job_id(1), job_id(2)])


async def test_the_filter_is_kept_and_cleared_by_other_keys(tmp_path: Path) -> None:
    settings = remapped(filter__keep="F8", filter__clear="F9")
    async with running_dashboard(tmp_path / "db", jobs=[known(1), known(2)], settings=settings) as dash:
        await dash.connected()
        await dash.press("slash", *"Book", "space", "2")
        await dash.until(lambda: dash.shown == [job_id(2)])
        assert "F8 keep" in dash.text
        assert "F9 clear" in dash.text
        await dash.press("f8")
        await dash.until(lambda: "F8 keep" not in dash.text)
        assert dash.shown == [job_id(2)]
        await dash.press("slash", "f9")
        await dash.until(lambda: dash.shown == [job_id(1), job_id(2)])


async def test_a_number_is_entered_by_another_key(tmp_path: Path) -> None:
    async with running_dashboard(
        tmp_path / "db", jobs=known_jobs(6, start=0), settings=remapped(dialog__press="F8")
    ) as dash:
        await dash.connected()
        await dash.press("asterisk", "x")
        await dash.until("Type 6")
        await dash.press("enter")
        assert "Nothing was cancelled" not in dash.text
        await dash.until(lambda: "cancel" in dash.text)
        dash.app.screen._guarded_until = 0.0  # type: ignore[attr-defined]
        await dash.press("f8")
        await dash.until("Type the number first.")
        await dash.press("escape")


async def test_the_help_shows_the_keys_in_force(tmp_path: Path) -> None:
    fill(tmp_path / "db", [known(1)])
    settings = remapped(
        jobs__cancel="Ctrl-R", view__log="F6, PgUp", table__page_up="F7", detail__page_up="F7"
    )
    async with running_dashboard(tmp_path / "db", settings=settings, size=(140, 50)) as dash:
        await dash.connected()
        await dash.press("question_mark")
        await dash.until("cancel this")
        assert dash.line("cancel this").split("cancel this")[0].split()[-1] == "Ctrl+r"
        assert "F6 PgUp" in dash.line("events")
