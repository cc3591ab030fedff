"""Imports httpx without its command-line tool.

If the dependencies of that tool are installed, `import httpx` imports them too: pygments, the rest of click and half of
rich, which costs 3.4 MiB and 17 ms. httpx works without the tool, so the tool is hidden during the import. All other
modules import httpx from here.
"""

import sys
from types import ModuleType
from typing import cast

_TOOL = "httpx._main"

_modules = cast("dict[str, ModuleType | None]", sys.modules)
_modules.setdefault(_TOOL, None)  # None makes its import fail
import httpx as httpx  # noqa: E402

if _modules[_TOOL] is None:
    del _modules[_TOOL]
