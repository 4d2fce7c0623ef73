"""SMTP that knows how far a message got: once its end was handed over, only a clear answer says what became of it.

Django's own backend reports a connection that broke before the message and one that broke after it by the same error;
the second kind may have delivered it. Mails about a sign-in do not go through here: the same one twice harms nobody.
"""

import smtplib
from contextlib import suppress
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

from goldseam_web.outbox.channels.letter import UncertainError

END_OF_DATA = b"\r\n.\r\n"  # RFC 5321, 4.1.1.4
TAKEN = 250
REFUSED = range(400, 600)  # RFC 5321, 4.2.1: not now (4yz), not at all (5yz)


class MarkEndOfData(smtplib.SMTP):
    """A session that raises `UncertainError` for whatever is neither yes nor no after the end of the message."""

    _end_handed_over = False

    def send(self, s: Any) -> None:
        super().send(s)
        if isinstance(s, bytes) and s.endswith(END_OF_DATA):
            self._end_handed_over = True

    def data(self, msg: Any) -> tuple[int, bytes]:
        self._end_handed_over = False
        try:
            code, text = super().data(msg)
        except Exception as error:
            if self._end_handed_over:
                raise UncertainError from error
            raise
        if code != TAKEN and code not in REFUSED:
            raise UncertainError from smtplib.SMTPDataError(code, text)
        return code, text


class _EncryptedMarkEndOfData(MarkEndOfData, smtplib.SMTP_SSL):
    """The same over a connection that is encrypted from the start."""


class MarkingBackend(EmailBackend):
    """Django's backend with such a session; how the connection is closed says nothing about the message."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _EncryptedMarkEndOfData if self.use_ssl else MarkEndOfData

    def open(self) -> bool:
        try:
            return bool(super().open())
        except OSError:
            self.close()  # Django leaves a connection open on which signing in failed
            raise

    def close(self) -> None:
        with suppress(smtplib.SMTPException, OSError):
            super().close()
