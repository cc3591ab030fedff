"""Other keys for actions, as the settings ask for them; what cannot work is said before anything starts."""

from collections.abc import Iterable, Mapping

from textual.binding import Binding, BindingType

from app.dashboard import keys
from app.settings import Settings
from widgets.job_table import JobTable


def keymap_of(settings: Settings) -> dict[str, str]:
    """The keys that differ from the usual ones, by action ID, as Textual wants them.

    Args:
        settings: In force.

    Raises:
        SettingsError: An action or a key that there is not, or one key for two actions.
    """
    usual = _usual((*keys.APP, *keys.VIEW, *keys.JOBS, *JobTable.BINDINGS))
    other = {action: _read(settings, action, text, usual) for action, text in settings.keys.items()}
    taken: dict[str, str] = {}
    for action, names in {**usual, **other}.items():
        for name in names:
            rival = taken.setdefault(name, action)
            if rival != action:
                blamed, owner = (action, rival) if action in other else (rival, action)
                raise settings.error(
                    f"keys.{blamed}",
                    f"takes {keys.key_names([name])}, which belongs to {owner}; choose another key",
                )
    return {action: ",".join(names) for action, names in other.items()}


def _usual(bindings: Iterable[BindingType]) -> dict[str, list[str]]:
    usual: dict[str, list[str]] = {}
    for binding in Binding.make_bindings(bindings):
        if binding.id:
            usual.setdefault(binding.id, []).append(binding.key)
    return usual


def _read(settings: Settings, action: str, text: str, usual: Mapping[str, list[str]]) -> list[str]:
    if action not in usual:
        import difflib  # only here: an action is hardly ever misspelt

        near = difflib.get_close_matches(action, usual, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(usual)}"
        raise settings.error(f"keys.{action}", f"names no action; {hint}")
    wanted = [part if len(part) == 1 else part.lower() for part in map(str.strip, text.split(","))]
    if not all(wanted):
        raise settings.error(f"keys.{action}", 'must be keys with commas between them, such as "x,ctrl+x"')
    return [next(iter(Binding.make_bindings([Binding(part, "")]))).key for part in wanted]
