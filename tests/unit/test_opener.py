"""Openers: which program gets a link, and when none does."""

import re
from pathlib import Path

import pytest

from app.notify.opener import open_link, page_url

LINK = "https://files.example.org/a.pdf?x=1&y=2"


def program(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    program(tmp_path, "xdg-open", f'printf "%s|" "$@" >{tmp_path}/seen; env >>{tmp_path}/seen')
    return {"PATH": f"{tmp_path}:/usr/bin:/bin", "DISPLAY": ":0"}


def test_the_opener_gets_the_link_and_no_token(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPWRITER_TOKEN", "sesame")
    assert open_link(LINK, environ) == "xdg-open"
    seen = (tmp_path / "seen").read_text()
    assert seen.startswith(f"{LINK}|")
    assert "sesame" not in seen


def test_the_next_opener_is_tried_where_one_fails(environ: dict[str, str], tmp_path: Path) -> None:
    program(tmp_path, "xdg-open", "exit 3")
    program(tmp_path, "gio", '[ "$#:$1" = 2:open ]')
    assert open_link(LINK, environ) == "gio"
    (tmp_path / "gio").unlink()
    program(tmp_path, "gio", "exit 3")
    assert open_link(LINK, environ) == ""


@pytest.mark.parametrize(
    "change", [{"DISPLAY": ""}, {"SSH_CONNECTION": "a 1 b 2"}, {"SSH_TTY": "/dev/pts/1"}]
)
def test_nothing_is_opened_on_another_machine_or_without_a_display(
    environ: dict[str, str], change: dict[str, str], tmp_path: Path
) -> None:
    assert open_link(LINK, environ | change) == ""
    assert not (tmp_path / "seen").exists()


def test_ids_are_escaped_in_the_address_of_a_page() -> None:
    pattern = "https://example.org/p/{project_id}/x?job={job_id}"
    assert (
        page_url(pattern, job_id="3f0e", project_id="a/../b&c")
        == "https://example.org/p/a%2F..%2Fb%26c/x?job=3f0e"
    )


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("https://example.org/{token}", "may have no braces other than {job_id} and {project_id}"),
        ("https://example.org/{job_id}/{job_id!r:>9}", "may have no braces"),
        ("https://example.org/{job_id", "may have no braces"),
        ("https://example.org/", "is the same for all jobs; put {job_id} or {project_id} into it"),
        ("javascript:{job_id}", "must be an address that begins with https://"),
        ("--help {job_id}", "must be an address that begins with https://"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(why)}"):
        page_url(pattern, job_id="", project_id="")
