"""Actions that scroll."""

from textual.widget import Widget


class ScrollActions:
    """The actions of keys that scroll. Subclasses set `scrolled`, the widget that they move."""

    scrolled: Widget

    def action_scroll_by(self, lines: int) -> None:
        """Scroll by a number of lines."""
        self.scrolled.scroll_relative(y=lines, animate=False)

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll by a number of pages."""
        self.scrolled.scroll_relative(y=round(pages * self.scrolled.size.height), animate=False)

    def action_scroll_ends(self, end: bool) -> None:
        """Scroll to the end, or else to the top."""
        self.scrolled.scroll_to(y=self.scrolled.max_scroll_y if end else 0, animate=False)
