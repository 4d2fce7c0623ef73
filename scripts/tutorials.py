"""Run the tutorials, keep what they show, and write them as pages.

    python scripts/tutorials.py    # run each notebook in docs/tutorials and keep its output in it

Cells run in this process, in the folder of the notebook, with nothing but the library: no kernel, no Jupyter. Kept
are the text of a result, what is printed, the lines on standard error, and charts as SVG.
"""

import ast
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import chdir, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TUTORIALS = ROOT / "docs" / "tutorials"
SVG = "image/svg+xml"


def notebooks() -> list[Path]:
    """The tutorials, in the order of their names."""
    return sorted(TUTORIALS.glob("*.ipynb"))


def cells_of(notebook: Path) -> list[dict[str, Any]]:
    """The cells of a notebook."""
    content: dict[str, Any] = json.loads(notebook.read_text(encoding="utf-8"))
    return list(content["cells"])


def run(notebook: Path, folder: Path | None = None) -> tuple[dict[str, Any], list[list[dict[str, Any]]]]:
    """Run the cells of a notebook: the names it leaves, and the outputs of each code cell."""
    names: dict[str, Any] = {"__name__": notebook.stem}
    with chdir(folder or notebook.parent):
        outputs = [
            _outputs_of("".join(cell["source"]), names)
            for cell in cells_of(notebook)
            if cell["cell_type"] == "code"
        ]
    return names, outputs


def _outputs_of(source: str, names: dict[str, Any]) -> list[dict[str, Any]]:
    """Run one cell; the value of its last line is its result."""
    *lines, last = ast.parse(source).body
    printed, result = StringIO(), None
    with warnings.catch_warnings(record=True) as told, redirect_stdout(printed):
        warnings.simplefilter("always")
        exec(compile(ast.Module(lines, []), "cell", "exec"), names)  # noqa: S102
        if isinstance(last, ast.Expr):
            result = eval(compile(ast.Expression(last.value), "cell", "eval"), names)  # noqa: S307
        else:
            exec(compile(ast.Module([last], []), "cell", "exec"), names)  # noqa: S102
    said = "".join(f"{each.category.__name__}: {each.message}\n" for each in told)
    return [*_stream("stderr", said), *_stream("stdout", printed.getvalue()), *_shown(result)]


def _stream(name: str, text: str) -> list[dict[str, Any]]:
    return [{"output_type": "stream", "name": name, "text": text.splitlines(keepends=True)}] if text else []


def _shown(result: Any) -> list[dict[str, Any]]:
    if result is None:
        return []
    data: Mapping[str, Any] = {"text/plain": repr(result).splitlines(keepends=True)}
    if type(result).__module__.startswith("altair."):
        from goldseam.shown import svg

        data = {SVG: svg(result).splitlines(keepends=True), "text/plain": ["a chart"]}
    return [{"output_type": "display_data", "metadata": {}, "data": dict(data)}]


def keep_outputs(notebook: Path) -> None:
    """Run a notebook and write what it shows into it."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    _names, outputs = run(notebook)
    code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    for number, (cell, shown) in enumerate(zip(code, outputs, strict=True), start=1):
        cell.update(execution_count=number, outputs=shown)
    notebook.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def page(notebook: Path) -> tuple[str, dict[str, str]]:
    """A notebook as a page of Markdown, and the charts it shows by the names of their files."""
    charts: dict[str, str] = {}
    parts = [part for cell in cells_of(notebook) for part in _markdown(cell, notebook.stem, charts)]
    return "\n\n".join(parts) + "\n", charts


def _markdown(cell: Mapping[str, Any], stem: str, charts: dict[str, str]) -> Iterator[str]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield source
        return
    yield f"```python\n{source}\n```"
    for output in cell["outputs"]:
        drawn = output.get("data", {}).get(SVG)
        if drawn:
            name = f"{stem}-{len(charts) + 1}.svg"
            charts[name] = "".join(drawn)
            yield f"![The chart of this line]({name})"
        else:
            text = "".join(output.get("text") or output["data"]["text/plain"]).rstrip()
            yield f"```text\n{text}\n```"


if __name__ == "__main__":
    for each in notebooks():
        keep_outputs(each)
