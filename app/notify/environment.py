"""What the programs that we start get to know of our environment."""

from collections.abc import Mapping

_SECRET = ("DEEPWRITER_TOKEN", "DEEPWRITER_API_KEY")


def without_token(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a hook or tmux: all of ours but the token, which is for the API alone.

    Args:
        environ: Our own environment.
    """
    return {name: value for name, value in environ.items() if name not in _SECRET}
