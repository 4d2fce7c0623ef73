"""The page on security names tests that exist, and every requirement once."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/develop/security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py): (\w+)`", PAGE)))
ROWS = re.findall(
    r"^\| (\d+\.\d+\.\d+)(?:–\d+\.\d+\.\d+)? \| .+? \| ([a-z ]+) \| (.+) \|$", PAGE, re.MULTILINE
)


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_every_test_it_names_exists(file: str, name: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^\s*(?:def {name}\(|class {name}\b|{name} =)", text, re.MULTILINE), f"{file}: {name}"


def test_every_requirement_stands_once_with_an_answer_and_a_reason() -> None:
    numbers = [number for number, _, _ in ROWS]
    assert len(numbers) == len(set(numbers)) > 90
    assert {answer for _, answer, _ in ROWS} <= {"met", "partly", "not met", "does not apply"}
    assert len(ROWS) == len(re.findall(r"^\| \d", PAGE, re.MULTILINE))
