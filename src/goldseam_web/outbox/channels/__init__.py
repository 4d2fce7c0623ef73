"""Ways to reach a person: one folder each, with one ``notify``."""

from collections.abc import Callable

from goldseam_web.outbox.channels.email import notify as _email
from goldseam_web.outbox.channels.letter import Letter, PermanentError, UncertainError
from goldseam_web.outbox.models import Message

CHANNELS: dict[str, Callable[[Message, Letter], None]] = {"email": _email}

__all__ = ["CHANNELS", "Letter", "PermanentError", "UncertainError"]
