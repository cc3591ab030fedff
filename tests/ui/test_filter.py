"""The filter: what it finds, its line, and the cursor while it is typed, kept and cleared."""

import pytest

from tests.scripted_api import job_id
from tests.ui.dashboard_host import ALPHA, BETA, GAMMA, known_jobs, running_dashboard, titled_jobs


async def test_it_works_while_it_is_typed_and_enter_keeps_it() -> None:
    async with running_dashboard(jobs=titled_jobs()) as dash:
        await dash.press("slash", *"rev")
        assert dash.shown == [ALPHA, GAMMA]
        assert "/rev: 2 of 4" in dash.text
        assert dash.line("/ rev").strip() == "/ rev"
        assert "Enter keep   Esc clear" in dash.text
        await dash.press("space", "z")
        assert dash.shown == []
        await dash.press("backspace", "backspace", "enter")
        assert dash.shown == [ALPHA, GAMMA]
        assert not dash.filter_field.is_on_screen
        await dash.press("j")
        assert dash.cursor == GAMMA, "the keys are the list's again"
        assert "/rev: 2 of 4" in dash.text
        await dash.press("escape")
        assert len(dash.shown) == 4
        assert "? help" in dash.text


async def test_a_paste_of_several_lines_is_one_line_in_it() -> None:
    async with running_dashboard(jobs=titled_jobs()) as dash:
        await dash.press("slash")
        await dash.paste("\nstudy\tbe\r\nta\x07\n")
        await dash.until("/ study be ta")
        await dash.until(lambda: dash.shown == [BETA])


async def test_the_cursor_returns_to_a_job_hidden_by_the_filter() -> None:
    async with running_dashboard(jobs=titled_jobs()) as dash:
        await dash.press("j", "slash", *"rev")
        assert dash.cursor == GAMMA, "the nearest that is left"
        await dash.press("backspace", "backspace", "backspace")
        assert dash.cursor == BETA, "while the filter is typed, as soon as it is shown again"
        await dash.press(*"zzz")
        await dash.until('No job matches "')
        assert not dash.cursor
        await dash.press("escape")
        assert dash.cursor == BETA, "cleared without a match"
        assert "No job matches" not in dash.text
        await dash.press("slash", *"zzz", "enter")
        assert not dash.cursor
        await dash.press("escape")
        assert dash.cursor == BETA, "kept without a match"
        await dash.press("slash", *"rev", "escape")
        assert dash.cursor == GAMMA, "what is under the cursor when the filter is cleared"
        assert not dash.main.board.view.filter


async def test_the_cursor_stays_when_the_filter_is_cleared() -> None:
    jobs = known_jobs(30, "completed", start=0)
    async with running_dashboard(jobs=jobs, size=(80, 12)) as dash:
        for keys in ("", "enter", "enter y", "enter r", "enter m", "enter x", "enter colon escape"):
            await dash.press("g", "slash", *"book 27", *keys.split())
            await dash.until(lambda: dash.app.screen is dash.main)
            assert dash.cursor == job_id(27)
            await dash.press("escape")
            await dash.until(lambda: len(dash.shown) == 30)
            assert dash.cursor == job_id(27), keys
            assert "Book 27" in dash.text
        await dash.press("g", "slash", *"book 2", "enter", "space", "escape")
        await dash.until(lambda: len(dash.shown) == 30)
        assert dash.marks == {job_id(2)}
        assert dash.cursor == job_id(12), "the job after the marked one"
        await dash.press("slash", *"book 27", "enter")
    async with running_dashboard(size=(80, 12)) as dash:
        assert dash.shown == [job_id(27)], "a kept filter is saved"
        await dash.press("escape")
        await dash.until(lambda: len(dash.shown) == 30)
        assert dash.cursor == job_id(27)


async def test_messages_count_the_jobs_hidden_by_the_filter() -> None:
    async with running_dashboard(jobs=known_jobs(5, "completed")) as dash:
        await dash.press("asterisk", "slash", *"book 3", "enter")
        assert "5 marked (4 hidden)" in dash.text
        await dash.press("asterisk")
        assert "4 marked (4 hidden)" in dash.text, "only the shown one is no longer marked"
        await dash.press("asterisk", "d")
        await dash.until("Removed 5 jobs, 4 of them hidden by the filter. ")
        await dash.press("u")
        await dash.until("Restored 5 jobs, 4 of them hidden by the filter")
        assert len(dash.watched) == 5
        await dash.paste(job_id(99))
        await dash.press("enter")
        await dash.until("Added 1 job, hidden by the filter")
        await dash.press("D")
        await dash.until("Removed 5 jobs, 4 of them hidden by the filter. ")


@pytest.mark.parametrize("pasted", [True, False])
async def test_a_token_is_neither_shown_nor_kept(pasted: bool) -> None:
    token = "dw1Xq8Lm3Zt7Rb5Kc9Vn"
    async with running_dashboard(jobs=titled_jobs()) as dash:
        await dash.press("slash", *"rev")
        if pasted:
            await dash.paste(f" {token}")
        else:  # as from a terminal that marks no pastes
            await dash.press("space", *token, *"QRS-tuv")
        await dash.until("This looks like a token")
        assert token not in dash.text
        await dash.until(lambda: dash.filter_field.value.split("***") in (["rev", ""], ["rev ", ""]))
        assert dash.shown == [ALPHA, GAMMA]
        assert dash.main.board.view.filter == "rev"
