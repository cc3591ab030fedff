"""Imports modules so that Ctrl-C cannot make an import fail."""

from importlib import import_module
from threading import Thread
from types import ModuleType


def import_in_thread(name: str) -> ModuleType:
    """Import a module in another thread. In the main thread, libraries may turn Ctrl-C into another error, or ignore it."""
    thread = Thread(target=import_module, args=(name,))
    thread.start()
    thread.join()
    return import_module(name)
