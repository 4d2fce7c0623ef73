"""What is refused as a password: fifteen characters do not make a common one rare."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

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
    ],
)
def test_common_repeated_and_keyboard_ones_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, INES)


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
