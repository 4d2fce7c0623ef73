"""For whom a page was made: stands in each of its forms and in what it asks by itself, and tells nobody else who it is.

Several people use one browser. What one of them typed is no other's to read or send.
"""

from django.utils.crypto import salted_hmac

OWNER_FIELD = "typed_by"
_SALT = "goldseam.page_owner"
_LENGTH = 32  # hexadecimal digits: 128 bits


def page_owner(user_id: object) -> str:
    return salted_hmac(_SALT, str(user_id)).hexdigest()[:_LENGTH]
