"""The line of keys: up to date, and made afresh only for a reason."""

import gc
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets._footer import FooterKey

from tests.ui.pane_host import text_on
from widgets.key_line import KeyLine


class Host(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "add", "Add"),
        Binding("b", "back", "Back"),
        Binding("h", "hide", "Hidden", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.can_go_back = True

    def compose(self) -> ComposeResult:
        yield KeyLine(id="keys")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.can_go_back if action == "back" else True


def keys() -> set[int]:
    gc.collect()
    return {id(one) for one in gc.get_objects() if type(one) is FooterKey}


async def test_keys_are_made_afresh_only_when_others_are_to_be_seen_and_old_ones_go() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "Add" in text_on(app)
        assert "Hidden" not in text_on(app)
        first = list(app.query(FooterKey))
        for _ in range(5):
            app.refresh_bindings()
            await pilot.pause()
        assert list(app.query(FooterKey)) == first
        del first
        before = len(keys())
        for _ in range(10):
            for app.can_go_back in (False, True):
                app.refresh_bindings()
                await pilot.pause()
                await pilot.pause()
                assert ("Back" in text_on(app)) == app.can_go_back
        assert len(keys()) <= before + 4
