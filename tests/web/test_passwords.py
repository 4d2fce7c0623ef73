"""What is refused as a password: fifteen characters do not make a common one rare."""

import gzip
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from goldseam_web.accounts import passwords
from goldseam_web.accounts.models import User
from tests.web import people

INES = User(email="ines.okafor@larkfield.example")


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "Password1234567!",
        "123456789012345",
        "qwertyuiopasdfgh",
        "1qaz2wsx3edc4rfv",
        "aaaaaaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "iloveyouiloveyou",
        "summer2024summer2024",
        "okaforokaforokafor",
        "password" * 20,
        "1" * 200,
        # In use, by the list, and hard to guess for zxcvbn.
        "Mailcreated5240",
        "30secondstomars",
        "perasperaadastra",
    ],
)
def test_common_repeated_and_keyboard_ones_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, INES)


def test_the_list_holds_more_than_asvs_asks_for_all_long_and_as_they_are_compared() -> None:
    """ASVS 5.0, 6.2.4: at least the 3,000 most used ones that fit the rule."""
    path = Path(passwords.__file__).with_name("used_passwords.txt.gz")
    listed = gzip.decompress(path.read_bytes()).decode().split("\n")
    assert len(set(listed)) == len(listed) > 3_000
    assert [word for word in listed if len(word) < 15 or word != word.strip().lower()] == []


@pytest.mark.parametrize(
    "password",
    [
        "tealeaf harbour",
        people.PASSWORD,
        "correct horse battery staple",
        "кошка сидела на крыше дома",
        "the moon is made of blue paper " * 20,
    ],
)
def test_sentences_are_taken_in_any_writing_and_of_any_length(password: str) -> None:
    validate_password(password, INES)
