"""Pages that the browser asks for by itself."""

from collections.abc import Callable
from typing import TypeVar

AnyView = TypeVar("AnyView", bound=Callable[..., object])


def asked_by_the_browser(view: AnyView) -> AnyView:
    """Mark a view that open pages poll: it must not keep an unattended session signed in."""
    view.asked_by_the_browser = True  # type: ignore[attr-defined]
    return view
