"""Every criterion by id and version. A module of this package that names its classes in ``CRITERIA`` is in it."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

from goldseam import detection
from goldseam.detection.criterion import Criterion
from goldseam.exceptions import ParameterError


def criteria() -> tuple[type[Criterion], ...]:
    """All criteria, sorted by id and version.

    Returns
    -------
    tuple of criterion classes
    """
    return tuple(each for _, each in sorted(_by_key().items()))


def find_criterion(criterion: str, version: int | None = None, **parameters: Any) -> Criterion:
    """A criterion with its parameters set.

    Parameters
    ----------
    criterion : str
        Its id.
    version : int, optional
        Its version; the newest if not given.
    **parameters
        Values of its parameters; defaults for the others.

    Returns
    -------
    Criterion

    Raises
    ------
    ParameterError
        The criterion, the version or a parameter does not exist, or a value is not allowed.
    """
    versions = {number: each for (name, number), each in _by_key().items() if name == criterion}
    if not versions:
        known = ", ".join(sorted({name for name, _ in _by_key()}))
        raise ParameterError("unknown criterion", given=criterion, allowed=known)
    wanted = max(versions) if version is None else version
    if wanted not in versions:
        known = ", ".join(map(str, sorted(versions)))
        raise ParameterError(f"unknown version of criterion {criterion}", given=version, allowed=known)
    chosen = versions[wanted]
    for name in parameters:
        if name not in chosen.parameters():
            known = ", ".join(chosen.parameters()) or "none"
            raise ParameterError(f"criterion {criterion} has no such parameter", given=name, allowed=known)
    return chosen(**parameters)


@cache
def _by_key() -> dict[tuple[str, int], type[Criterion]]:
    modules = [
        import_module(f"{detection.__name__}.{each.name}")
        for each in pkgutil.iter_modules(detection.__path__)
    ]
    found = [each for module in modules for each in getattr(module, "CRITERIA", ())]
    return {(each.id, each.version): each for each in found}
