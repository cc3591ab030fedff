"""How a command ends: the exit codes that scripts rely on."""

OK = 0
NOT_DONE = 1
USAGE = 2
SIGNED_OUT = 3
NOT_FOUND = 4
UNREACHABLE = 5
TIMED_OUT = 124
INTERRUPTED = 130


class Fault(Exception):
    """An end with one sentence that says what to do next.

    Attributes:
        exit_code: One of those above.
    """

    def __init__(self, sentence: str, exit_code: int = USAGE) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
