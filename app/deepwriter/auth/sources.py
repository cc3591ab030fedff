"""Where tokens come from.

In order: the file named with `--token-file`, DEEPWRITER_TOKEN, DEEPWRITER_API_KEY, the token command, and the file that
`dwtop login` writes. The first source that exists decides. If it is broken, the search ends with an error instead of
falling through to what may be another account's token.

Everything here is synchronous and may wait for a pipe or a command, so call it in a thread where an event loop runs.
Commands import this module before they print anything, so it imports next to nothing.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path

from app.deepwriter.auth.credential import Credential, CredentialLookup, Scheme
from app.deepwriter.auth.token_file import read_stored_token, read_token_file
from app.deepwriter.auth.token_text import make_credential

VARIABLES = ("DEEPWRITER_TOKEN", "DEEPWRITER_API_KEY")
"""The environment variables that may hold a token, in order. An empty one counts as unset."""


class RenewalMethod(Enum):
    """How to get another token from a source."""

    NONE = "it always gives the same one"
    READ_FILE = "read a file again"
    RUN_COMMAND = "run a command, which may ask the user something in turn"


class TokenSource:
    """The first token source that exists, and the token it gave last.

    Which source that is does not change: a token file that was removed may come back, and until then no other source
    replaces it, since that may belong to another account.

    Args:
        token_file: What `--token-file` names. A pipe can be read once.
        environ: The environment variables.
        token_command: A command line that prints a token, run for at most 30 s.
        stored_file: Where `dwtop login` stores a token; None if there is no such place.
        auth: `bearer`, or `api-key` to send a token from any source as an API key.
        cancelled: Asked while a command runs; once it returns true, the command is ended.
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
        self._environ = {name: environ.get(name, "") for name in VARIABLES}
        self._token_command = (token_command or "").strip()
        self._stored_file = stored_file
        self._scheme = Scheme(auth)
        self._cancelled = cancelled
        self._latest: Credential | None = None

    def __repr__(self) -> str:
        return "TokenSource()"  # its attributes hold secrets

    @property
    def renewal_method(self) -> RenewalMethod:
        """How to get another token from here."""
        if self._token_file is not None:
            # A missing file may come back. A pipe can be read only once.
            can_change = self._token_file.is_file() or not self._token_file.exists()
            return RenewalMethod.READ_FILE if can_change else RenewalMethod.NONE
        if any(value.strip() for value in self._environ.values()):
            return RenewalMethod.NONE
        return RenewalMethod.RUN_COMMAND if self._token_command else RenewalMethod.READ_FILE

    def find(self) -> CredentialLookup:
        """Read the token; may wait for a pipe or run a command. Raises `CredentialError` if there is no usable one."""
        lookup = self._read()
        self._latest = lookup.credential or self._latest
        return lookup

    def find_another(self) -> CredentialLookup:
        """Like `find`, but without a credential if it is the same as last time."""
        before = self._latest
        lookup = self.find()
        found = lookup.credential
        if found and before and (found.secret, found.scheme) == (before.secret, before.scheme):
            return CredentialLookup(None, lookup.warnings, lookup.log)
        return lookup

    def mark_stored(self, credential: Credential) -> None:
        """Note that this process wrote a token to the stored file, so that `find_another` does not return it."""
        if self._token_file is None and self.renewal_method is RenewalMethod.READ_FILE:
            self._latest = credential

    def _read(self) -> CredentialLookup:
        if self._token_file is not None:
            return read_token_file(self._token_file, self._scheme)
        for name, scheme in zip(VARIABLES, (self._scheme, Scheme.API_KEY), strict=True):
            if self._environ[name].strip():
                return CredentialLookup(make_credential(self._environ[name], scheme, name))
        if self._token_command:
            # Running processes takes an import that users without a token command need not pay for.
            from app.deepwriter.auth.token_command import run_token_command

            return run_token_command(self._token_command, self._scheme, cancelled=self._cancelled)
        stored = read_stored_token(self._stored_file, self._scheme) if self._stored_file else None
        return CredentialLookup(stored)


def source_before_stored(
    token_file: Path | None, environ: Mapping[str, str], token_command: str | None
) -> str:
    """The token source that takes precedence over a stored token, as the start of a sentence; empty if none does."""
    if token_file is not None:
        return "The file named with --token-file"
    for name in VARIABLES:
        if environ.get(name, "").strip():
            return f"The environment variable {name}"
    return "The setting token_command" if token_command else ""
