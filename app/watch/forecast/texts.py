"""A forecast in words, coarse enough to stay the same while little changes."""


def about_minutes(seconds: float) -> int:
    """A time left in minutes, rounded as a forecast should be: 14, 25, 130; less than a minute is 0."""
    minutes = seconds / 60
    steps = ((19.5, 1), (60, 5), (600, 10), (48 * 60, 60))  # (below how many minutes, rounded to how many)
    step = next((step for limit, step in steps if minutes < limit), 24 * 60)
    return step * round(minutes / step) if minutes >= 1 else 0


def about(seconds: float) -> str:
    """A time left in words, rounded as `about_minutes` does: `~14m`, `~2h 10m`, `~3d`, `<1m`."""
    minutes = about_minutes(seconds)
    if minutes < 60:
        return f"~{minutes}m" if minutes else "<1m"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"~{hours}h {rest}m" if rest else f"~{hours}h"
    return f"~{hours // 24}d"
