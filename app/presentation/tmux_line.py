"""Formats counts of jobs as a line for a status bar.

`dwtop status --tmux` spends most of its time on imports, so this module does not import `app.job`. Tests compare the
symbols repeated here with the originals.
"""

from app.percent import whole_percent
from app.store.counts_query import JobCounts

SYMBOLS = {"running": "▶", "waiting": "◦", "attention": "✖", "done": "✔"}

_NO_JOBS = "dwtop: no jobs"
_STALE_SECONDS = 180.0  # older data is shown with its age


def status_line(counts: JobCounts, template: str, now: float) -> str:
    """Format the line from a template with placeholders in braces; a `ValueError` follows the name of the setting.

    If a value is zero or unknown, it is left out together with the blank beside it.
    """
    values = _values(counts, now)
    try:
        text = " ".join(template.format_map(values).split())
    except (KeyError, IndexError, ValueError, AttributeError, TypeError):
        names = ", ".join(f"{{{name}}}" for name in values)
        raise ValueError(f"can name {names}; double any other brace") from None
    if not counts.jobs:
        return _NO_JOBS
    if not (counts.running or counts.attention or counts.done) and "{waiting" not in template:
        return f"{values['waiting']} {text}".rstrip()  # otherwise the line would mention no job
    return text


def _values(counts: JobCounts, now: float) -> dict[str, str]:
    values = {
        name: f"{number}{symbol}" if (number := getattr(counts, name)) else ""
        for name, symbol in SYMBOLS.items()
    }
    values["percent"] = "" if counts.fraction is None else f"{whole_percent(counts.fraction * 100)}%"
    values["eta"] = values["age"] = ""
    if counts.finish is not None and counts.finish > now:
        from app.watch.forecast.texts import about

        values["eta"] = about(counts.finish - now)
    if counts.fetched_at is not None and now - counts.fetched_at > _STALE_SECONDS:
        from app.presentation.durations import age

        values["age"] = f"({age(now - counts.fetched_at)})"
    return values
