"""The public names are a promise: adding one is a line here, dropping one is a major version."""

import inspect
import subprocess
import sys
from pathlib import Path

import goldseam


def test_public_names_are_the_listed_ones() -> None:
    listed = (Path(__file__).parent / "public_api.txt").read_text(encoding="utf-8").split()
    assert sorted(goldseam.__all__) == listed


def test_every_public_name_is_shown_to_whoever_looks() -> None:
    """And nothing else: what the package needs itself is no name to complete."""
    assert [name for name in dir(goldseam) if not name.startswith("_")] == goldseam.__all__


def test_every_public_name_exists_and_says_what_it_is() -> None:
    silent = [
        name
        for name in goldseam.__all__
        if inspect.isroutine(member := getattr(goldseam, name)) or inspect.isclass(member)
        if not inspect.getdoc(member)
    ]
    assert silent == []


def test_the_list_of_public_names_travels_with_the_package() -> None:
    """Type checkers and editors read it; it has to stand beside the module, with the marker that it is typed."""
    package = Path(goldseam.__file__).parent
    assert (package / "__init__.pyi").is_file()
    assert (package / "py.typed").is_file()


def test_importing_the_package_loads_neither_scipy_nor_polars_nor_the_command_line() -> None:
    program = (
        "import sys, goldseam; goldseam.__all__; dir(goldseam);"
        "print([name for name in ('scipy', 'polars', 'typer', 'jsonschema', 'yaml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_name_that_is_not_public_is_refused_as_any_module_refuses_it() -> None:
    assert not hasattr(goldseam, "no_such_name")
