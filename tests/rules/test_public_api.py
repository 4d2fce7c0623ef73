"""The public names are a promise: adding one is a line here, dropping one is a major version."""

import inspect
from pathlib import Path

import goldseam


def test_public_names_are_the_listed_ones() -> None:
    listed = (Path(__file__).parent / "public_api.txt").read_text(encoding="utf-8").split()
    assert sorted(goldseam.__all__) == listed


def test_every_public_name_exists_and_says_what_it_is() -> None:
    silent = [
        name
        for name in goldseam.__all__
        if inspect.isroutine(member := getattr(goldseam, name)) or inspect.isclass(member)
        if not inspect.getdoc(member)
    ]
    assert silent == []
