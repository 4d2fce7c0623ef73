"""Short functions, short files: what can be read in one look."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

MOST_LINES_OF_A_FILE = 420
LONGEST_LINE_OF_A_TEMPLATE = 160
MOST_FILES_OF_A_JOB = {"detect": 15, "answer": 13}
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


def test_lines_of_templates_can_be_read_without_scrolling(root: Path) -> None:
    too_long = {
        f"{path.relative_to(root)}:{number}": len(line)
        for path in sorted((root / "src").rglob("templates/**/*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LONGEST_LINE_OF_A_TEMPLATE
    }
    assert too_long == {}


@pytest.mark.parametrize("job", sorted(MOST_FILES_OF_A_JOB))
def test_an_everyday_job_visits_few_of_our_files(job: str, root: Path) -> None:
    """Detection on one table, and one answer from a phone: what somebody has to open to follow them."""
    script = [sys.executable, "scripts/files_visited.py", job]
    done = subprocess.run(script, cwd=root, capture_output=True, text=True, check=True)
    said = re.search(r"(\d+) files visited", done.stdout)
    assert said is not None, done.stdout
    assert int(said.group(1)) <= MOST_FILES_OF_A_JOB[job], done.stdout
