"""httpx without the command-line tool that it brings along.

`import httpx` also imports that tool, where what the tool needs happens to be installed: pygments, the rest of click and
half of rich, for 3.4 MiB and 17 ms. The tool is optional to httpx, so it is hidden for the length of the import. Whoever
needs httpx imports it from here.
"""

import sys
from types import ModuleType
from typing import cast

_TOOL = "httpx._main"

_modules = cast("dict[str, ModuleType | None]", sys.modules)
_modules.setdefault(_TOOL, None)  # None: importing it fails
import httpx as httpx  # noqa: E402

if _modules[_TOOL] is None:
    del _modules[_TOOL]
