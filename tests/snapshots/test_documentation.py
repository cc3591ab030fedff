"""The pictures of the documentation show what is on the screen today."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import textual

from tests.animation import PICTURE as ANIMATION
from tests.screenshots import PICTURES, SCREENS
from tests.snapshots.pictures import DRAWN_WITH

pytestmark = pytest.mark.skipif(
    textual.__version__ != DRAWN_WITH, reason=f"the pictures were drawn with Textual {DRAWN_WITH}"
)


def test_the_pictures_are_those_of_the_program_as_it_is(tmp_path: Path) -> None:
    # In a process of its own: the time zone, which the pictures need, is that of a whole process.
    subprocess.run([sys.executable, "-m", "tests.screenshots", str(tmp_path)], check=True)
    assert sorted(path.stem for path in PICTURES.iterdir()) == sorted([*SCREENS, ANIMATION.stem])
    changed = [
        name
        for name in SCREENS
        if (tmp_path / f"{name}.svg").read_bytes() != (PICTURES / f"{name}.svg").read_bytes()
    ]
    assert not changed, "run `make screenshots`, and check the pictures"


def test_the_animation_is_small_and_shows_a_failure_a_completion_and_a_cancel() -> None:
    assert ANIMATION.stat().st_size <= 1_500_000
    shown = "".join(ElementTree.parse(ANIMATION).getroot().itertext())
    for text in ("failed at 64%", "completed in", "Cancel this job?", "cancelled"):
        assert text in shown, f"{text}: record it again with `make animation`, and check it"
