"""Whether a certificate and its key can be served for a host name: looked at before they are taken into use."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

PKCS8 = b"-----BEGIN PRIVATE KEY-----"


def certificate_faults(certificate: Path, key: Path, *, host: str, at: datetime) -> Iterator[str]:
    """Say what is wrong with two PEM files, in words; nothing if they can be served for the host."""
    try:
        given, secret = certificate.read_bytes(), key.read_bytes()
    except OSError as error:
        yield f"{error.filename} cannot be read: {(error.strerror or 'no such file').lower()}."
        return
    if PKCS8 not in secret:
        yield f"{key} holds no key that begins with BEGIN PRIVATE KEY (PEM, PKCS #8, without a passphrase)."
        return
    try:
        first, private = x509.load_pem_x509_certificates(given)[0], load_pem_private_key(secret, None)
    except ValueError as error:
        yield f"{certificate} and {key} are not a certificate and a key in PEM: {error}."
        return
    yield from _faults(first, private, host, at)


def _faults(first: x509.Certificate, private: PrivateKeyTypes, host: str, at: datetime) -> Iterator[str]:
    if _written(first.public_key()) != _written(private.public_key()):
        yield "The key belongs to another certificate."
    if not first.not_valid_before_utc <= at <= first.not_valid_after_utc:
        since, until = first.not_valid_before_utc.date(), first.not_valid_after_utc.date()
        yield f"The certificate holds from {since} to {until}, not today."
    names = _names(first)
    if not any(_covers(name, host) for name in names):
        yield f"The certificate is for {', '.join(names) or 'no host name'}, not for {host}."


def _written(public_key: object) -> bytes:
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined,no-any-return]


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))]


def _covers(name: str, host: str) -> bool:
    """A star stands for one label, the first (RFC 6125, 6.4.3)."""
    label, _, rest = host.lower().partition(".")
    return name.lower() in {host.lower(), f"*.{rest}" if label and rest else ""}
