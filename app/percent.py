"""Rounds progress to the whole percent that is shown. Imports nothing, to keep `dwtop status --tmux` fast."""

_SLACK_PERCENT = 1e-6
"""Percent added before rounding down, so that 0.29 * 100, which is 28.999999999999996, stays 29."""


def whole_percent(progress: float) -> int:
    """Progress in percent as it is shown everywhere: a whole number from 0 to 100, rounded down."""
    return 0 if progress <= 0.0 else 100 if progress >= 100.0 else int(progress + _SLACK_PERCENT)
