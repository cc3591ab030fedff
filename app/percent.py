"""Rounds progress to the whole percent that is shown. Imports nothing, to keep `dwtop status --tmux` fast."""

_SLACK_PERCENT = 1e-6
"""Added before rounding down: 0.29 * 100 is 28.999999999999996, and must become 29."""


def whole_percent(progress: float) -> int:
    """The whole percent, from 0 to 100, that is shown for a progress in percent."""
    return 0 if progress <= 0.0 else 100 if progress >= 100.0 else int(progress + _SLACK_PERCENT)
