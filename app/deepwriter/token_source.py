"""The source of a run's token, asked again when the token is refused or about to end.

Everything here is synchronous and may wait for a file system or a command: call it from a thread.
"""

import threading
from collections.abc import Mapping
from pathlib import Path

from app.deepwriter.credentials import Finding, find_credential, from_environment
from app.deepwriter.secret import Credential, Scheme


class TokenSource:
    """The first of the token sources that is there, and what it gave last.

    Which one that is does not change for good: a token file that was removed may come back, and until it does
    no other source stands in for it, since that may be another account's.
    """

    def __init__(
        self,
        *,
        token_file: Path | None,
        environ: Mapping[str, str],
        token_command: str | None,
        stored_file: Path,
        auth: str = Scheme.BEARER,
    ) -> None:
        """Nothing is read before `find`.

        Args:
            token_file: As in `find_credential`, like all the others.
            environ: The environment variables.
            token_command: A command line that prints a token.
            stored_file: Where `store_token` keeps one.
            auth: How tokens are sent that do not say so themselves.
        """
        self._token_file = token_file
        self._environ = dict(environ)
        self._token_command = (token_command or "").strip() or None
        self._stored_file = stored_file
        self._auth = auth
        self._latest: Credential | None = None
        self._given_up = threading.Event()
        self._reading = threading.Lock()

    def __repr__(self) -> str:
        return "TokenSource()"  # the environment that it holds may be full of secrets

    @property
    def runs_a_command(self) -> bool:
        """Whether asking it again means running a command, which may ask a person something in turn."""
        if self._token_file is not None or not self._token_command:
            return False
        return not any(
            self._environ.get(name, "").strip() for name in ("DEEPWRITER_TOKEN", "DEEPWRITER_API_KEY")
        )

    def find(self) -> Finding:
        """Look for a token for the first time.

        Raises:
            CredentialError: The source gives no usable token.
        """
        finding = self._read()
        self._latest = finding.credential
        return finding

    def look_again(self, *, run: bool) -> Finding:
        """Look whether there is another token than the last time; the finding is without one if there is not.

        A pipe is not read a second time, and an environment does not change.

        Args:
            run: Whether a command may be run for it.

        Raises:
            CredentialError: As in `find`.
        """
        if not self._can_change(run):
            return Finding(None)
        finding = self._read()
        if finding.credential is None or _same(finding.credential, self._latest):
            return Finding(None, finding.warnings, finding.log)
        self._latest = finding.credential
        return finding

    def stored(self, credential: Credential) -> None:
        """A token was kept by this run itself, and is no news."""
        if self._token_file is None and not self._token_command:
            self._latest = credential

    def give_up(self, patience: float = 0.3) -> None:
        """End a command that is under way, and run none any more.

        Args:
            patience: Seconds to wait for its end.
        """
        self._given_up.set()
        if self._reading.acquire(timeout=patience):
            self._reading.release()

    def _read(self) -> Finding:
        with self._reading:
            return find_credential(
                token_file=self._token_file,
                environ=self._environ,
                token_command=self._token_command,
                stored_file=self._stored_file,
                auth=self._auth,
                given_up=self._given_up.is_set,
            )

    def _can_change(self, run: bool) -> bool:
        if self._given_up.is_set():
            return False
        if self._token_file is not None:
            # One that is missing now may be there again in a moment; a pipe is neither.
            return self._token_file.is_file() or not self._token_file.exists()
        if from_environment(self._environ, self._auth) is not None:
            return False
        return run if self._token_command else True


def _same(one: Credential, other: Credential | None) -> bool:
    return other is not None and (one.secret, one.scheme) == (other.secret, other.scheme)
