"""The login dialog: pasted tokens, and what it says about them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.cli.session import token_source
from app.deepwriter.auth.credential import Credential
from app.settings.schema import Settings
from app.watch.account import Connected
from tests.ui.dashboard_host import DashboardPilot, Silent, known, running_dashboard

TOKEN = "tok-51c7e0a94d2b8f36"


class Signed(Silent):
    """An API that never answers, and the credentials it was to be asked with."""

    def __init__(self) -> None:
        self.used: list[tuple[str, str]] = []

    def connect(self) -> Connected:
        return Connected(self, source=token_source(Settings()))

    def use(self, credential: Credential) -> None:
        self.used.append(credential.header)


@asynccontextmanager
async def dialog() -> AsyncIterator[tuple[DashboardPilot, Signed]]:
    """The dashboard with two jobs, and the dialog open."""
    api = Signed()
    async with running_dashboard(api.connect, jobs=[known(1), known(2)]) as dash:
        await dash.connected()
        await dash.press("L")
        await dash.until("Sign in")
        yield dash, api


@pytest.mark.parametrize(
    ("pasted", "header", "focused"),
    [
        (f"\n{TOKEN}\n", ("Authorization", f"Bearer {TOKEN}"), True),
        (f'export DEEPWRITER_TOKEN="{TOKEN}"', ("Authorization", f"Bearer {TOKEN}"), False),
        (f"x-api-key: {TOKEN}", ("x-api-key", TOKEN), True),
    ],
    ids=["with line breaks", "an assignment, without focus", "an API key"],
)
async def test_a_pasted_token_is_used_whole(pasted: str, header: tuple[str, str], focused: bool) -> None:
    async with dialog() as (dash, api):
        if not focused:
            dash.app.set_focus(None)
        await dash.paste(pasted)
        await dash.until("•••")
        if not focused:
            await dash.press("tab")
        await dash.press("enter")
        await dash.until(lambda: api.used == [header])


async def test_a_paste_that_arrives_as_keys_is_not_cut_at_a_line_break() -> None:
    async with dialog() as (dash, api):
        await dash.pilot.press("enter", *TOKEN[:9].replace("-", "_"), "enter", "enter", "x", "d", "enter")
        await dash.until("The field holds more than one line")
        assert not api.used
        assert dash.watched
        await dash.pilot.press(*"abc", "enter")
        await dash.until(lambda: api.used == [("Authorization", "Bearer abc")])


async def test_keys_after_a_bracketed_paste_do_not_belong_to_it() -> None:
    async with dialog() as (dash, api):
        first = dash.cursor
        await dash.paste(TOKEN)
        await dash.press("enter", "j")
        await dash.until(lambda: api.used == [("Authorization", f"Bearer {TOKEN}")])
        await dash.until(lambda: dash.cursor != first)


async def test_a_token_of_two_lines_is_refused_and_replaced_by_the_next_paste() -> None:
    async with dialog() as (dash, api):
        await dash.paste(f"{TOKEN[:9]}\n{TOKEN[9:]}")
        await dash.press("enter")
        await dash.until("The field holds more than one line: leave only the token there")
        assert not api.used
        assert TOKEN[:9] not in dash.text
        assert TOKEN[9:] not in dash.text
        await dash.paste(TOKEN)
        await dash.until(lambda: "more than one line" not in dash.text)
        await dash.press("enter")
        await dash.until(lambda: api.used == [("Authorization", f"Bearer {TOKEN}")])


async def test_a_variable_that_takes_precedence_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPWRITER_TOKEN", TOKEN)
    async with dialog() as (dash, _):
        assert "The environment variable DEEPWRITER_TOKEN is used instead" in " ".join(dash.text.split())
        assert "F3  [ ] remember it on this machine" in dash.text
        await dash.press("f3")
        await dash.until("F3  [x] remember it on this machine")
