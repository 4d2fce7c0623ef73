"""What a password must not be.

Length and the list of common ones are Django's; there are no rules about kinds of characters.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Too short a piece (a first name of two letters) would refuse ordinary sentences.
_SHORTEST_PIECE = 4
# A name inside a long sentence is harmless; a password that is little more than the name is not.
_LEAST_BESIDES = 10


class NotAboutYouValidator:
    """Refuse a password that is little more than the person's own address or name of the product."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError when too little is left after the guessable pieces are taken out."""
        left = password.lower()
        for piece in _pieces(user):
            left = left.replace(piece, "")
        if len(left) < min(_LEAST_BESIDES, len(password)):
            raise ValidationError(
                _(
                    "Apart from your name or address this password holds only %(left)d characters; "
                    "choose one with at least %(least)d others."
                )
                % {"left": len(left), "least": _LEAST_BESIDES},
                code="password_about_you",
            )

    def get_help_text(self) -> str:
        return _("It should not consist mostly of your name or e-mail address.")


def _pieces(user: Any) -> list[str]:
    email = (getattr(user, "email", "") or "").lower()
    local, _at, domain = email.partition("@")
    found = [email, local, *local.replace("_", ".").replace("-", ".").split("."), domain, "goldseam"]
    return sorted({piece for piece in found if len(piece) >= _SHORTEST_PIECE}, key=len, reverse=True)
