"""The examples in the docstrings of the alliance package."""

import doctest
from importlib import import_module

import pytest


@pytest.mark.parametrize("module", ["relations", "split", "events", "therapist", "surface"])
def test_examples_give_what_they_show(module: str) -> None:
    failed, tried = doctest.testmod(import_module(f"goldseam.alliance.{module}"))
    assert tried > 0
    assert failed == 0
