"""Which way things flow: the contracts of pyproject.toml, and what those contracts cannot see."""

import ast
import subprocess
import sys
from pathlib import Path

import goldseam
from scripts.measure_code import Module, Package, circles, imports_of

LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def test_import_contracts_hold(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_files_import_each_other_in_a_circle(root: Path) -> None:
    """Wherever the import stands: at the top, within a function, or for the type checker alone."""
    modules: dict[str, Module] = {}
    for name in ("goldseam", "goldseam_web"):
        modules |= Package.read(root / "src" / name).modules
    edges = {
        module.name: sorted(set(imports_of(module, modules, ast.walk(module.tree))))
        for module in modules.values()
    }
    assert [sorted(group) for group in circles(edges) if len(group) > 1] == []


def test_the_science_in_a_fresh_process_brings_neither_django_nor_the_application() -> None:
    program = (
        "import sys, goldseam;"
        "foreign = {'django', 'goldseam_web', 'allauth', 'structlog'};"
        "print([name for name in sys.modules if name.split('.')[0] in foreign])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_application_uses_public_names_of_the_science_alone(root: Path) -> None:
    private = [
        f"{path.relative_to(root)}:{line}: {name}"
        for path in (root / "src/goldseam_web").rglob("*.py")
        for line, name in _names_taken_from_the_science(path)
        if name not in goldseam.__all__
    ]
    assert private == []


def _names_taken_from_the_science(path: Path) -> list[tuple[int, str]]:
    """Give (line, name); a module below the package is given with its dots, which no public name has."""
    taken = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "goldseam":
            below = node.module.removeprefix("goldseam").lstrip(".")
            taken += [(node.lineno, f"{below}.{alias.name}" if below else alias.name) for alias in node.names]
        if isinstance(node, ast.Import):
            taken += [(node.lineno, a.name) for a in node.names if a.name.startswith("goldseam.")]
    return taken
