"""Short functions, short files: what can be read in one look."""

import ast
from pathlib import Path
from statistics import median

MOST_LINES_OF_A_FILE = 420
SHORT_ENOUGH = 40
SHARE_SHORT_ENOUGH = 0.95


def sources(root: Path) -> list[Path]:
    return [path for path in (root / "src").rglob("*.py") if "migrations" not in path.parts]


def lengths(root: Path) -> list[tuple[int, str]]:
    """Give (lines, name) of every function: the body without its docstring, which is there to be long."""
    return [
        (_lines(node), f"{path.relative_to(root)}:{node.lineno} {node.name}")
        for path in sources(root)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_half_of_the_functions_are_under_ten_lines_and_nearly_all_under_forty(root: Path) -> None:
    found = lengths(root)
    short = sum(lines < SHORT_ENOUGH for lines, _name in found) / len(found)
    longest = sorted(found, reverse=True)[:10]
    assert median(lines for lines, _name in found) < 10, longest
    assert short >= SHARE_SHORT_ENOUGH, longest


def test_files_are_not_longer_than_one_can_hold_in_mind(root: Path) -> None:
    too_long = {
        str(path.relative_to(root)): count
        for path in sources(root)
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES_OF_A_FILE
    }
    assert too_long == {}
