"""Pictures of screens: how they are stored, compared with the approved ones, and reported if they differ."""

import pickle
import re
from pathlib import Path
from typing import Any

import pytest
from pytest_textual_snapshot import PseudoApp, PseudoConsole, SVGImageExtension, get_tempdir
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

DRAWN_WITH = "8.2.8"
"""The version of Textual that all pictures were drawn with; with another one they may well differ."""


class Picture(SVGImageExtension):  # type: ignore[misc]  # because it ships no types
    """An SVG file, without what every picture has in common."""

    def serialize(self, *args: Any, **kwargs: Any) -> str:
        """The picture in the form that is stored and compared."""
        return lean(super().serialize(*args, **kwargs))


def lean(svg: str) -> str:
    """The same picture in half the bytes: no fonts from elsewhere, nothing cut off at the edges of lines.

    Every piece of text says how long it is, so that the clipping, a path for each line, changes nothing.
    """
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<clipPath id="terminal-line-\d+">.*?</clipPath>\s*', "", svg, flags=re.DOTALL)
    svg = re.sub(r' clip-path="url\(#terminal-line-\d+\)"', "", svg)
    return svg.replace("&#160;", "\N{NO-BREAK SPACE}")


class Gallery:
    """Compares pictures of one test, all of them, before it fails."""

    def __init__(self, snapshot: SnapshotAssertion, request: pytest.FixtureRequest) -> None:
        self._snapshot = snapshot.use_extension(Picture)
        self._request = request
        self.different: list[str] = []

    @property
    def updating(self) -> bool:
        """Whether to approve the pictures as they are now."""
        return bool(self._snapshot.update_snapshots)

    def approved(self, name: str) -> str | None:
        """The approved picture; None if there is none of this name."""
        found, _ = self._snapshot._recall_data(index=name)
        return str(found) if found is not None else None

    def compare(self, name: str, svg: str) -> None:
        """Compare a picture with the approved one; the report shows both if they differ."""
        equal = self._snapshot(name=name) == svg
        if not equal:
            self.different.append(name)
        self._report(name, svg, equal)

    def _report(self, name: str, svg: str, equal: bool) -> None:
        """Hand a picture to pytest-textual-snapshot, which writes `snapshot_report.html` at the end."""
        console = Console(legacy_windows=False, force_terminal=True)
        path, line, test = self._request.node.reportinfo()
        approved, title = self.approved(name), f"{test} {name}"
        app = PseudoApp(PseudoConsole(console.legacy_windows, console.size))
        facts = (equal, approved or "", svg, app, path, line, title, "", "", approved is not None)
        (Path(get_tempdir().name) / f"{title}.pickle").write_bytes(pickle.dumps(facts))
