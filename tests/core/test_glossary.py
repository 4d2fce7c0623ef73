"""Every place in the code that the glossary names exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PLACE = re.compile(r"`(goldseam(?:_web)?/[^`:]+): ([\w.]+)` \|$", re.MULTILINE)
PLACES = PLACE.findall((ROOT / "docs/develop/glossary.md").read_text(encoding="utf-8"))


def names_in(body: list[ast.stmt], owner: str = "") -> set[str]:
    """Names a module or class defines; members of a class with a point, those set on `self` among them."""
    found = set()
    for node in body:
        if isinstance(node, ast.ClassDef):
            found |= {owner + node.name} | names_in(node.body, f"{owner}{node.name}.")
        elif isinstance(node, ast.FunctionDef):
            found |= {owner + node.name} | {owner + name for name in attributes_set(node)}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {
                owner + part.id for each in targets for part in ast.walk(each) if isinstance(part, ast.Name)
            }
    return found


def attributes_set(function: ast.FunctionDef) -> set[str]:
    return {
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }


@pytest.mark.parametrize(("place", "symbol"), PLACES, ids=[f"{place}: {name}" for place, name in PLACES])
def test_every_place_the_glossary_names_exists(place: str, symbol: str) -> None:
    module = ast.parse((ROOT / "src" / place).read_text(encoding="utf-8"))
    assert symbol in names_in(module.body)


def test_every_row_of_the_glossary_names_a_place() -> None:
    rows = [
        line
        for line in (ROOT / "docs/develop/glossary.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("|") and not line.startswith(("| term ", "|---"))
    ]
    assert len(rows) == len(PLACES)
