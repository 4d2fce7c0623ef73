"""Tables of README.md from results.json, between markers: the words around them are written by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

START = "<!-- made by run.py: results -->"
END = "<!-- end of results -->"


def write_readme(path: Path, results: Mapping[str, Any]) -> None:
    """The tables of run.py."""
    write_between(path, (START, END), _tables(_plain(results)))


def write_between(path: Path, markers: tuple[str, str], tables: str) -> None:
    """Replace what stands between the markers; a README without them gets them at its end."""
    start, end = markers
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    text = text if start in text else f"{text}{start}\n{end}\n"
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(end)
    path.write_text(f"{before}{start}\n\n{tables}\n{end}{after}", encoding="utf-8")
    print(f"wrote {path}")


def _tables(results: Mapping[str, Any]) -> str:
    kinds = results["kinds"]
    facts = (
        f"{results['date']}; {results['cases per sample']:,} cases per sample, {results['sessions']} sessions, "
        f"seed {results['seed']}; {results['machine']}; {results['seconds']} s."
    )
    rates = list(kinds[0]["equal"]["predictive"])
    parts = [facts, "### What `predictive` promises", _promises_table(kinds)]
    parts += ["### Share of the Bayes limit that `predictive` reaches", _limit_table(kinds, rates)]
    for rate in rates:
        parts += [f"### At {rate} false alarms per evaluable session", _equal_table(kinds, rate)]
    return "\n\n".join(parts) + "\n"


def _promises_table(kinds: Iterable[Mapping[str, Any]]) -> str:
    rows = [[_name(kind), *(_percent(figure) for figure in kind["promises"].values())] for kind in kinds]
    return _markdown(["kind (norms)", *next(iter(kinds))["promises"]], rows)


def _limit_table(kinds: Iterable[Mapping[str, Any]], rates: list[str]) -> str:
    kinds = list(kinds)
    dips = list(kinds[0]["equal"]["predictive"][rates[0]])
    head = ["kind (norms)", *(f"{dip} at {rate}" for rate in rates for dip in dips)]
    rows = [
        [_name(kind), *(_ratio(kind["equal"], rate, dip) for rate in rates for dip in dips)] for kind in kinds
    ]
    return _markdown(head, rows)


def _ratio(equal: Mapping[str, Any], rate: str, dip: str) -> str:
    reached, limit = (equal[rule][rate][dip]["value"] for rule in ("predictive", "Bayes limit"))
    return f"{reached / limit:.3f}"


def _equal_table(kinds: Iterable[Mapping[str, Any]], rate: str) -> str:
    kinds = list(kinds)
    rows = [
        [_name(kind), rule, *(_share(figure) for figure in equal[rate].values())]
        for kind in kinds
        for rule, equal in kind["equal"].items()
    ]
    return _markdown(["kind (norms)", "rule", *kinds[0]["equal"]["predictive"][rate]], rows)


def _name(kind: Mapping[str, Any]) -> str:
    return f"{kind['kind']} ({kind['norms']})"


def _percent(figure: Mapping[str, float]) -> str:
    return f"{100 * figure['value']:.2f}% ± {100 * figure['standard_error']:.2f}"


def _share(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.3f} ± {figure['standard_error']:.3f}"


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _plain(value: Any) -> Any:
    """Records as mappings, all the way down."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list) else value
