"""The actions of the main screen, and which function each key calls."""

from collections.abc import Callable

from app.dashboard.actions import Parts
from app.dashboard.cancel_action import CancelAction
from app.dashboard.event_log import open_event_log
from app.dashboard.job_actions import JobActions
from app.dashboard.output_actions import OutputActions
from app.dashboard.polling_actions import PollingActions
from app.dashboard.view_actions import ViewActions
from app.dashboard.view_state import ViewState


class ActionTable:
    """All actions of the main screen, by their IDs in `widgets.keys`.

    The jobs that an action applies to are decided while its key is handled, and a dialog that it opens is on the screen
    by then. So the next key cannot change what was meant, and goes to the dialog.
    """

    def __init__(self, parts: Parts, view_state: ViewState) -> None:
        self.view = view = ViewActions(parts, view_state)
        self.jobs = jobs = JobActions(parts)
        polling = PollingActions(parts)
        output = OutputActions(parts)
        cancelling = CancelAction(parts)
        self.by_id: dict[str, Callable[[], object]] = {
            "jobs.add": jobs.add,
            "jobs.mine": jobs.offer_own_jobs,
            "jobs.open": output.open_document,
            "jobs.cancel": cancelling.open,
            "jobs.remove": jobs.remove,
            "jobs.clean": jobs.remove_finished,
            "jobs.undo": jobs.undo,
            "jobs.mute": jobs.mute,
            "poll.one": polling.refresh,
            "poll.all": polling.refresh_all,
            "poll.pause": polling.pause,
            "poll.slower": lambda: polling.change_interval(longer=True),
            "poll.faster": lambda: polling.change_interval(longer=False),
            "view.details": view.toggle_details,
            "view.open": lambda: view.show_details(shown=True),
            "view.close": lambda: view.show_details(shown=False),
            "view.filter": view.edit_filter,
            "view.back": view.go_back,
            "view.sort": view.sort_next,
            "view.reverse": view.reverse,
            "view.columns": view.choose_columns,
            "view.layout": view.next_layout,
            "view.log": lambda: open_event_log(parts),
            "filter.keep": view.keep_filter,
            "filter.clear": view.clear_filter,
            "mark.toggle": view.mark,
            "mark.range": view.mark_range,
            "mark.all": view.mark_all,
            "copy.id": output.copy_id,
            "copy.json": output.copy_json,
            "export.list_json": lambda: output.export("json", history=False),
            "export.list_csv": lambda: output.export("csv", history=False),
            "export.history_json": lambda: output.export("json", history=True),
            "export.history_csv": lambda: output.export("csv", history=True),
            "app.login": polling.sign_in,
            "app.help": view.show_help,
        }
