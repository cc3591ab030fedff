"""Where tokens come from.

In order: the file named with `--token-file`, DEEPWRITER_TOKEN, DEEPWRITER_API_KEY, the token command, and the file that
`dwtop login` writes. The first source that exists is used. If it is broken, the search ends with an error instead of
falling through to the next source, which may hold another account's token.

Everything here blocks and may wait for a pipe or a command, so on an event loop, call it in a thread. Commands import
this module before they print anything, so it imports very little.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from app.deepwriter.auth.credential import Credential, CredentialLookup, Scheme
from app.deepwriter.auth.token_file import read_stored_token, read_token_file, store_token
from app.deepwriter.auth.token_text import make_credential
from app.deepwriter.errors import CredentialError

TOKEN_VARIABLES = ("DEEPWRITER_TOKEN", "DEEPWRITER_API_KEY")
"""The environment variables that may hold a token, in order. An empty one counts as unset."""


class TokenSource:
    """The first token source that exists, and the last token from it.

    No other source ever takes its place, even if a token file is removed: it may come back.

    Args:
        token_file: The file named with `--token-file`. A pipe can be read only once.
        environ: The environment variables.
        token_command: A command line that prints a token.
        stored_file: Where `dwtop login` stores a token; None without a home folder.
        auth: `bearer`, or `api-key` to send a token from any source as an API key.
        cancelled: Called while a command runs; once it returns True, the command is terminated.
    """

    def __init__(
        self,
        *,
        token_file: Path | None,
        environ: Mapping[str, str],
        token_command: str | None,
        stored_file: Path | None,
        auth: str = Scheme.BEARER,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._token_file = token_file
        self._environ = {name: environ.get(name, "") for name in TOKEN_VARIABLES}
        self._token_command = (token_command or "").strip()
        self._stored_file = stored_file
        self._scheme = Scheme(auth)
        self._cancelled = cancelled
        self._latest: Credential | None = None

    @property
    def is_command(self) -> bool:
        """Whether getting another token means running a command, which may prompt the user."""
        return bool(self._token_command) and self._token_file is None and not self._is_fixed

    def find(self) -> CredentialLookup:
        """Read the token; may wait for a pipe or run a command."""
        try:
            lookup = self._read()
        except CredentialError as error:
            return CredentialLookup(None, str(error))
        self._latest = lookup.credential or self._latest
        return lookup

    def find_another(self) -> CredentialLookup:
        """Like `find`, but without a credential if that is still the same."""
        if self._is_fixed:
            return CredentialLookup(None)
        before = self._latest
        lookup = self.find()
        after = lookup.credential
        if after and before and (after.secret, after.scheme) == (before.secret, before.scheme):
            return replace(lookup, credential=None)
        return lookup

    def enter(self, token: str, *, api_key: bool, keep: bool) -> Credential:
        """Make a credential from a token that the user typed, and store it if `keep` is set. Raises `CredentialError`."""
        scheme = Scheme.API_KEY if api_key else Scheme.BEARER
        credential = make_credential(token, scheme, "the login dialog")
        if keep:
            if self._stored_file is None:
                raise CredentialError("this user has no home folder; set HOME or XDG_DATA_HOME")
            store_token(self._stored_file, credential)
            if self._token_file is None and not self._is_fixed and not self._token_command:
                self._latest = credential  # so that `find_another` does not return it
        return credential

    @property
    def _is_fixed(self) -> bool:
        """Whether the source never has another token: variables do not change, and a pipe can be read only once."""
        if self._token_file is not None:
            return self._token_file.exists() and not self._token_file.is_file()
        return any(value.strip() for value in self._environ.values())

    def _read(self) -> CredentialLookup:
        if self._token_file is not None:
            return read_token_file(self._token_file, self._scheme)
        for name, scheme in zip(TOKEN_VARIABLES, (self._scheme, Scheme.API_KEY), strict=True):
            if self._environ[name].strip():
                return CredentialLookup(make_credential(self._environ[name], scheme, name))
        if self._token_command:
            from app.deepwriter.auth.token_command import run_token_command  # needed by no other source

            return run_token_command(self._token_command, self._scheme, cancelled=self._cancelled)
        stored = read_stored_token(self._stored_file, self._scheme) if self._stored_file else None
        return CredentialLookup(stored)


def overriding_source(token_file: Path | None, environ: Mapping[str, str], token_command: str | None) -> str:
    """The token source that overrides a stored token, to begin a sentence with; empty if none does."""
    if token_file is not None:
        return "The file named with --token-file"
    for name in TOKEN_VARIABLES:
        if environ.get(name, "").strip():
            return f"The environment variable {name}"
    return "The setting token_command" if token_command else ""
