"""What the manual says of criteria and the command line is true."""

import doctest
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from goldseam import Criterion, criteria
from goldseam.cli import app
from goldseam.detection.engine.codes import Reason, Status
from goldseam.detection.engine.columns import EVENT_COLUMNS

DOCS = Path(__file__).resolve().parents[2] / "docs"
COMMAND_LINE = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")


def blocks(page: str) -> list[str]:
    """The indented blocks of a page, without their indentation."""
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", page, flags=re.MULTILINE)
    return ["\n".join(line[4:] for line in block.splitlines()) for block in found]


@pytest.mark.parametrize("criterion", criteria(), ids=lambda each: f"{each.id}-{each.version}")
def test_every_criterion_has_a_page_with_its_parameters_and_defaults(criterion: type[Criterion]) -> None:
    newest = max(each.version for each in criteria() if each.id == criterion.id)
    name = criterion.id if criterion.version == newest else f"{criterion.id}-{criterion.version}"
    page = (DOCS / "methods" / f"{name}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# `{criterion.id}`, version {criterion.version}\n")
    for name, rule in criterion.parameters().items():
        number = isinstance(rule.default, int | float) and not isinstance(rule.default, bool)
        default = f"{rule.default:g}" if number else str(rule.default).lower()
        assert f"| `{name}` | {default} |" in page


def test_every_command_and_option_is_in_the_reference() -> None:
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        assert f"## `goldseam {name}" in COMMAND_LINE
        section = COMMAND_LINE.split(f"## `goldseam {name}")[1].split("\n## ")[0]
        for option in command.params:
            if option.opts[0].startswith("--"):
                assert f"`{option.opts[0]}" in section


@pytest.mark.parametrize(
    "word", [*EVENT_COLUMNS, *Status.words(), *(each for each in Reason.words() if each)]
)
def test_every_column_status_and_reason_is_in_the_reference(word: str) -> None:
    assert f"`{word}`" in COMMAND_LINE


def test_the_commands_in_the_reference_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [
        line for block in blocks(COMMAND_LINE) for line in block.splitlines() if line.startswith("goldseam ")
    ]
    assert len(lines) == 3
    for line in lines:
        result = CliRunner().invoke(app, shlex.split(line)[1:])
        assert result.exit_code == 0, result.output


@pytest.mark.parametrize("name", ["predictive", "predictive-1", "predictive-2", "predictive-3"])
def test_the_example_of_the_method_page_runs(name: str) -> None:
    page = (DOCS / "methods" / f"{name}.md").read_text(encoding="utf-8")
    (example,) = [block for block in blocks(page) if "import" in block]
    exec(compile(example, f"{name}.md", "exec"), {})  # noqa: S102


def test_the_example_of_the_function_runs() -> None:
    results = doctest.testmod(import_module("goldseam.detection.detect"))
    assert results.attempted > 0
    assert results.failed == 0
