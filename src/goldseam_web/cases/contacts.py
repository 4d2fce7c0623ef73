"""When two ways of writing a contact mean one: whoever shares an address may open the other's questions."""

import unicodedata

import phonenumbers

from goldseam_web.cases.models import ContactKind
from goldseam_web.lib.ciphers import CLIENT_DATA, keyed_hash

# Providers that deliver to one mailbox whatever dots stand in its name; the second is another name of the first.
IGNORES_DOTS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}


def written_alike(kind: str, value: str, *, country: str) -> str:
    """A contact as it is compared: numbers in the form of E.164, addresses in small letters; "" for none.

    ``country`` is that of a number without one, as two letters or "". What is no number is compared as it stands.
    """
    plain = unicodedata.normalize("NFKC", value).strip().casefold()
    return _number(plain, country) if kind == ContactKind.PHONE else plain


def _number(plain: str, country: str) -> str:
    try:
        parsed = phonenumbers.parse(plain, country or None)
    except phonenumbers.NumberParseException:
        return "".join(letter for letter in plain if letter.isalnum())
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def likely_mailbox(address: str) -> str:
    """The mailbox an address that is written alike most likely leads to: without sub-address and idle dots."""
    name, _, host = address.rpartition("@")
    name, host = name.split("+", 1)[0], IGNORES_DOTS.get(host, host)
    return f"{name.replace('.', '') if host in IGNORES_DOTS else name}@{host}"


def contact_hash(kind: str, value: str, *, country: str) -> str:
    """The keyed hash of a contact as it is compared."""
    return keyed_hash(CLIENT_DATA, written_alike(kind, value, country=country))
