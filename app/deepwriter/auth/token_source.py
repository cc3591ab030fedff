"""The source of a run's token, asked again when the token is refused or about to end.

Everything here is synchronous and may wait for a file system or a command: call it from a thread.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path

from app.deepwriter.auth.credential import Credential, Scheme
from app.deepwriter.auth.sources import VARIABLES, Finding, find_credential


class Renewal(Enum):
    """What it takes to get another token from a source."""

    NONE = "it always gives the same one"
    LOOK = "a look at a file"
    RUN = "a run of a command, which may ask a person something in turn"


class TokenSource:
    """The first of the token sources that is there, and what it gave last.

    Which one that is stays so: a token file that was removed may come back, and until then no other source
    stands in for it, since that may be another account's.
    """

    def __init__(
        self,
        *,
        token_file: Path | None,
        environ: Mapping[str, str],
        token_command: str | None,
        stored_file: Path | None,
        auth: str = Scheme.BEARER,
        given_up: Callable[[], bool] = lambda: False,
    ) -> None:
        """Nothing is read before `find`. The arguments are those of `find_credential`."""
        self._token_file = token_file
        self._environ = dict(environ)
        self._token_command = (token_command or "").strip() or None
        self._stored_file = stored_file
        self._auth = auth
        self._given_up = given_up
        self._latest: Credential | None = None

    def __repr__(self) -> str:
        return "TokenSource()"  # the environment that it holds may be full of secrets

    @property
    def renewal(self) -> Renewal:
        """What it takes to get another token from here."""
        if self._token_file is not None:
            # One that is missing now may be there again in a moment; a pipe was read, and that was all of it.
            can_change = self._token_file.is_file() or not self._token_file.exists()
            return Renewal.LOOK if can_change else Renewal.NONE
        if any(self._environ.get(name, "").strip() for name in VARIABLES):
            return Renewal.NONE
        return Renewal.RUN if self._token_command else Renewal.LOOK

    def find(self) -> Finding:
        """Look for a token, whatever it takes.

        Raises:
            CredentialError: The source gives no usable token.
        """
        finding = find_credential(
            token_file=self._token_file,
            environ=self._environ,
            token_command=self._token_command,
            stored_file=self._stored_file,
            auth=self._auth,
            given_up=self._given_up,
        )
        self._latest = finding.credential or self._latest
        return finding

    def find_another(self) -> Finding:
        """The same, but the finding is without a token if that is the one of the last time.

        Raises:
            CredentialError: As in `find`.
        """
        before = self._latest
        finding = self.find()
        found = finding.credential
        if found and before and (found.secret, found.scheme) == (before.secret, before.scheme):
            return Finding(None, finding.warnings, finding.log)
        return finding

    def kept(self, credential: Credential) -> None:
        """This run itself has kept a token in the file of its own, so that it is no news there."""
        if self._token_file is None and self.renewal is Renewal.LOOK:
            self._latest = credential
