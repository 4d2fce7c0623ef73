"""One name, one meaning: within a package no two files, classes or public functions are called the same.

What may be called the same stands below with the reason; a line that nothing needs any more is dropped.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.measure_code import Function, Module, Package

PACKAGES = ("goldseam", "goldseam_web")
Kind = str

EVERY_ROOM = "every room has one: docs/develop/house.md, 'A room has the same files every time'"
EVERY_DOOR = "every door has one: docs/develop/house.md"
COMMAND = "the operator's command beside what it calls; the file's name is the command's word"

ALLOWED: dict[str, dict[tuple[Kind, str], str]] = {
    "goldseam": {
        ("file", "evidence"): "evidence beside a rating, read from a table and simulated",
    },
    "goldseam_web": {
        ("file", "models"): EVERY_ROOM,
        ("file", "services"): EVERY_ROOM,
        ("file", "queries"): EVERY_ROOM,
        ("file", "urls"): EVERY_DOOR,
        ("file", "views"): EVERY_DOOR,
        ("file", "forms"): EVERY_DOOR,
        ("file", "pages"): EVERY_DOOR,
        ("file", "page"): "what a template may use, one a page",
        ("file", "build"): "from queries and rules to the page, one a page",
        ("file", "demo"): COMMAND,
        ("class", "Command"): "Django's name for an operator's command",
    },
}


def names(module: Module) -> Iterator[tuple[Kind, str]]:
    """What the module and its public classes and functions are called."""
    yield "file", module.name.rpartition(".")[2]
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield "class", node.name
        elif isinstance(node, Function) and not node.name.startswith("_"):
            yield "function", node.name


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest, root: Path) -> Package:
    return Package.read(root / "src" / request.param)


def test_no_name_is_given_twice(package: Package) -> None:
    places: dict[tuple[Kind, str], list[str]] = defaultdict(list)
    for module in package.modules.values():
        for name in names(module):
            places[name].append(module.name)
    twice = {name: where for name, where in places.items() if len(where) > 1}
    allowed = ALLOWED[package.folder.name]
    assert {name: where for name, where in twice.items() if name not in allowed} == {}
    assert set(allowed) <= set(twice), "no longer given twice: drop these lines"
