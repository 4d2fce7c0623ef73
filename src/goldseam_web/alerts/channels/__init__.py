"""Ways to tell a person that something is waiting: one folder each, with one ``notify``, its texts and tests."""

from collections.abc import Callable

from goldseam_web.alerts.channels.email import notify as _email
from goldseam_web.alerts.channels.errors import PermanentError, UncertainError
from goldseam_web.alerts.models import Delivery

CHANNELS: dict[str, Callable[[Delivery], None]] = {"email": _email}

__all__ = ["CHANNELS", "PermanentError", "UncertainError"]
