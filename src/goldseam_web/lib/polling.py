"""Pages that the browser asks for by itself."""

from collections.abc import Callable
from typing import Any, TypeVar

# In the session: when somebody clicked last.
LAST_ACTIVE = "last_active"

AnyView = TypeVar("AnyView", bound=Callable[..., object])


def asked_by_the_browser(view: AnyView) -> AnyView:
    """Mark a view that open pages poll: it must not keep an unattended session signed in."""
    view.asked_by_the_browser = True  # type: ignore[attr-defined]
    return view


def page_will_poll(request: Any) -> None:
    """Say that the page this request asks for will poll, and that somebody has just clicked for it."""
    request.will_poll = True


def polls(request: Any) -> bool:
    return getattr(request, "will_poll", False)
