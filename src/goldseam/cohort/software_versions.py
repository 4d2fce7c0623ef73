"""Versions of what computes a study."""

import platform
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = ("goldseam", "numpy", "scipy", "polars", "altair", "weasyprint")


def software() -> dict[str, str]:
    """Each library with its version, *not installed* where it is not."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
