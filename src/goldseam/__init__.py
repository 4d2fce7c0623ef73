"""Seeing strain in the alliance between client and therapist, session by session: the public names.

They are listed once, in ``__init__.pyi``, where type checkers and editors look for them (the way of Scientific Python's
SPEC 1). Each is loaded when it is first asked for, so that a program pays for what it uses; `simulate` at once, because
the package it lives in has the same name.
"""

import ast
from importlib import import_module
from pkgutil import get_data
from typing import Any

from goldseam.simulate import simulate as simulate


def _homes() -> dict[str, str]:
    """The public names, each with the module it lives in."""
    stub = ast.parse(get_data(__name__, "__init__.pyi") or b"")
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


_HOMES = _homes()
__all__ = sorted(_HOMES)  # noqa: PLE0605  # type checkers take the list from the stub


def __getattr__(name: str) -> Any:
    """A public name from the module it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOMES[name]
    return import_module(f"{home}.{name}") if home == __name__ else getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*_HOMES, *(name for name in globals() if name.startswith("__"))})
