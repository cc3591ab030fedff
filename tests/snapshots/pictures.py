"""Pictures of screens: how they are kept, compared with those that were found right, and shown where they differ."""

import pickle
import re
from pathlib import Path
from typing import Any

import pytest
from pytest_textual_snapshot import (
    PseudoApp,
    PseudoConsole,
    SVGImageExtension,
    get_tempdir,
)
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
    """Compares pictures of one test, all of them, before it fails.

    Args:
        snapshot: Knows where the pictures are.
        request: The test.
    """

    def __init__(self, snapshot: SnapshotAssertion, request: pytest.FixtureRequest) -> None:
        self._snapshot = snapshot.use_extension(Picture)
        self._request = request
        self.wrong: list[str] = []

    @property
    def renewing(self) -> bool:
        """Whether the pictures of now are to become the right ones."""
        return bool(self._snapshot.update_snapshots)

    def kept(self, name: str) -> str | None:
        """The picture that was found right; None if there is none of this name."""
        found, _ = self._snapshot._recall_data(index=name)
        return str(found) if found is not None else None

    def hang(self, name: str, svg: str) -> None:
        """Compare a picture; one that is wrong goes into the report, beside the right one."""
        right = self._snapshot(name=name) == svg
        if not right:
            self.wrong.append(name)
        self._report(name, svg, right)

    def _report(self, name: str, svg: str, right: bool) -> None:
        """Hand a picture to pytest-textual-snapshot, which writes `snapshot_report.html` at the end."""
        console = Console(legacy_windows=False, force_terminal=True)
        path, line, test = self._request.node.reportinfo()
        kept = self.kept(name)
        facts = (
            right,
            kept or "",
            svg,
            PseudoApp(PseudoConsole(console.legacy_windows, console.size)),
            path,
            line,
            f"{test} {name}",
            "",
            "",
            kept is not None,
        )
        (Path(get_tempdir().name) / f"{test} {name}.pickle").write_bytes(pickle.dumps(facts))
