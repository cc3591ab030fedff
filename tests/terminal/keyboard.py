"""What an xterm sends for a key."""

_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}

_NAMED = {
    "enter": b"\r",
    "tab": b"\t",
    "shift+tab": b"\x1b[Z",
    "escape": b"\x1b",
    "esc": b"\x1b",
    "space": b" ",
    "backspace": b"\x7f",
    "insert": b"\x1b[2~",
    "delete": b"\x1b[3~",
    "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~",
    **{f"f{number}": b"\x1bO" + bytes([ord("O") + number]) for number in range(1, 5)},
    "f5": b"\x1b[15~",
    **{f"f{number}": f"\x1b[{number + 11}~".encode() for number in range(6, 11)},
    "f11": b"\x1b[23~",
    "f12": b"\x1b[24~",
}


def encoded(key: str, *, application_cursor: bool = False) -> bytes:
    """The bytes of a key: a character, `ctrl+` and a letter, or a name such as `enter`, `pagedown`, `f1`."""
    if key in _CURSOR:
        return f"\x1b{'O' if application_cursor else '['}{_CURSOR[key]}".encode()
    if key in _NAMED:
        return _NAMED[key]
    if key.startswith("ctrl+") and len(key) == 6 and "a" <= key[5] <= "z":
        return bytes([ord(key[5]) - ord("a") + 1])
    if len(key) == 1 and key.isprintable():
        return key.encode()
    raise ValueError(f"there is no key {key!r}")
