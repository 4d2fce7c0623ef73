"""What can be set or run has its heading in the manual; what the manual shows runs."""

import doctest
import re
import shlex
import sys
from pathlib import Path

import pytest

from goldseam.cli import main as goldseam_main
from goldseam_web.config.cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
CONSOLE_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
HEADING = re.compile(r"^#+ .*$", re.MULTILINE)


def page_name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def headings(page: Path) -> str:
    return "\n".join(HEADING.findall(page.read_text(encoding="utf-8")))


def settings_read() -> set[str]:
    """Every variable that the settings or an operator's command read."""
    files = [
        *(ROOT / "src/goldseam_web/config").rglob("*.py"),
        *(ROOT / "src/goldseam_web/management").rglob("*.py"),
    ]
    quoted = re.compile(r'"(GOLDSEAM_[A-Z_]+)"')
    return {name for path in files for name in quoted.findall(path.read_text(encoding="utf-8"))} - {
        "GOLDSEAM_"
    }


@pytest.mark.parametrize("name", sorted(settings_read()))
def test_every_setting_has_its_heading(name: str) -> None:
    plain = name.removesuffix("_FILE")
    assert f"`{plain}`" in headings(ROOT / "docs/operate/settings.md")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_its_heading(name: str) -> None:
    assert f"`goldseam-web {name}`" in headings(ROOT / "docs/operate/commands.md")


def test_no_heading_names_a_setting_that_is_not_there() -> None:
    named = set(re.findall(r"`(GOLDSEAM_[A-Z_]+)`", headings(ROOT / "docs/operate/settings.md")))
    assert named <= settings_read()


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_examples_in_python_give_what_the_page_shows(page: Path) -> None:
    failed, _tried = doctest.testfile(
        str(page), module_relative=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    assert failed == 0


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_examples_on_the_command_line_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Lines `$ goldseam ...` of console blocks, one after another in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for block in CONSOLE_BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines():
            if line.startswith("$ goldseam "):
                words = shlex.split(line.removeprefix("$ "), comments=True)
                monkeypatch.setattr(sys, "argv", words)
                with pytest.raises(SystemExit) as ended:
                    goldseam_main()
                assert not ended.value.code, f"{line}\n{capfd.readouterr()}"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_links_inside_the_manual_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    inside = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
    assert [target for target in inside if not (page.parent / target).exists()] == []
