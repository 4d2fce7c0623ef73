"""Which small changes to the code does no test notice? Mutants are made by mutmut's operators and run one by one.

    make mutants PACKAGE=goldseam.scoring        # the mutants of a package, in an order drawn by lot; an hour at most
    make mutants DRAW=200 SEED=7                 # mutants drawn by lot over all of src/
    make mutants REPORT=yes                      # what is known so far, with each survivor as a diff

A mutant changes one place inside a function of ``src/``: decorated functions too, which mutmut itself leaves out,
because here the whole file is replaced in a copy of the repository and no function has to be doubled. Only tests run
that reach the changed lines, the fastest first, until one fails; which ones do is found out by one run of the suite
with coverage, kept until the code changes. Tests in a browser are left out, and so is what runs in another process.
What the tests let pass is shown to the type checker, which belongs to ``make test`` as they do.

Everything is kept in ``.mutants/``: a run that was stopped goes on where it was, and a mutant is run again only if its
function has changed, or, with ``--again``, if it survived.
"""

import argparse
import difflib
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".mutants"
TREE = KEPT / "tree"
RESULTS = KEPT / "results.jsonl"
MAP = KEPT / "map.json"
SUITE = ("tests/core", "tests/web", "tests/rules")
PYTEST = ("-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--no-migrations")
LONGEST_MINUTES = 60
TESTS_SECONDS = 120.0  # what the tests of one mutant may take together, by their times without a mutant
START_SECONDS = 60.0  # starting, importing, making a database
FEW_TESTS = (
    5  # so few may only have been the first to fill a cache; then the other tests of the file are asked too
)

KILLED, TYPED, SURVIVED, UNREACHED = "killed", "refused by the type checker", "survived", "reached by no test"


@dataclass(frozen=True)
class Mutant:
    """One changed place: the file with it, and the lines it stands on."""

    path: str
    function: str
    first: int
    last: int
    code: str
    diff: str

    @property
    def key(self) -> str:
        return hashlib.sha256(f"{self.path}\n{self.diff}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Result:
    """What became of a mutant, and how many tests were asked."""

    key: str
    path: str
    line: int
    function: str
    outcome: str
    by: str
    tests: int
    seconds: float
    diff: str


# ---------- mutants ----------


def sources(package: str) -> list[Path]:
    """The files of a package or module given with dots ("" for all of src/), without migrations."""
    place = ROOT / "src" / package.replace(".", "/")
    files = [place.with_suffix(".py")] if place.with_suffix(".py").is_file() else sorted(place.rglob("*.py"))
    if not files:
        raise SystemExit(
            f"No package or module {package!r} in src/; give one with dots, such as goldseam.scoring."
        )
    return [path for path in files if "migrations" not in path.parts]


class Places:
    """Every place of one file at which mutmut's operators change something, in the order of the file."""

    def __init__(self, path: Path) -> None:
        import libcst
        from libcst.metadata import MetadataWrapper, PositionProvider
        from mutmut.mutation.file_mutation import NEVER_MUTATE_FUNCTION_NAMES, MutationVisitor
        from mutmut.mutation.mutators import mutation_operators
        from mutmut.mutation.pragma_handling import get_ignored_lines

        class Visitor(MutationVisitor):
            def _skip_node_and_children(self, node: libcst.CSTNode) -> bool:
                if isinstance(node, libcst.FunctionDef) and node.decorators:
                    return node.name.value in NEVER_MUTATE_FUNCTION_NAMES
                return super()._skip_node_and_children(node)

        self.path = str(path.relative_to(ROOT))
        self.text = path.read_text(encoding="utf-8")
        wrapper = MetadataWrapper(libcst.parse_module(self.text))
        visitor = Visitor(mutation_operators, get_ignored_lines(self.path, self.text, wrapper, None))
        self._module = wrapper.visit(visitor)
        self._spans = wrapper.resolve(PositionProvider)
        self._mutations = [
            (mutation, function)
            for mutation in visitor.mutations
            if isinstance(function := mutation.contained_by_top_level_function, libcst.FunctionDef)
        ]

    def __len__(self) -> int:
        return len(self._mutations)

    def __getitem__(self, number: int) -> Mutant:
        from libcst import Module, ensure_type

        mutation, function = self._mutations[number]
        changed = self._module.deep_replace(mutation.original_node, mutation.mutated_node)
        code = ensure_type(changed, Module).code
        span = self._spans.get(mutation.original_node) or self._spans[function]
        lines = (self.text.splitlines(keepends=True), code.splitlines(keepends=True))
        diff = "".join(difflib.unified_diff(*lines, self.path, self.path, n=2))
        return Mutant(self.path, function.name.value, span.start.line, span.end.line, code, diff)


def counts(files: Sequence[Path]) -> list[int]:
    """How many mutants each file has; kept, because reading all of src/ takes minutes."""
    kept_in = KEPT / "counts.json"
    kept: dict[str, int] = json.loads(kept_in.read_text(encoding="utf-8")) if kept_in.is_file() else {}
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in files]
    kept |= {text: len(Places(path)) for text, path in zip(hashes, files, strict=True) if text not in kept}
    kept_in.write_text(json.dumps(kept), encoding="utf-8")
    return [kept[text] for text in hashes]


def drawn(package: str, count: int | None, seed: int) -> Iterator[Mutant]:
    """Mutants of a package by lot, without repetition; the same seed and code give the same ones in the same order."""
    files = sources(package)
    lots = [(path, k) for path, many in zip(files, counts(files), strict=True) for k in range(many)]
    random.Random(seed).shuffle(lots)
    places: dict[Path, Places] = {}
    for path, k in lots[:count]:
        if path not in places:
            places[path] = Places(path)
        yield places[path][k]


# ---------- the copy of the repository, and which tests reach which lines ----------


def copy_tree() -> None:
    """Bring the copy into the state of the working tree: every file that git follows or would follow."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    shutil.rmtree(TREE, ignore_errors=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (TREE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, TREE / name)


def python(arguments: Sequence[str], *, timeout: float | None = None) -> "subprocess.CompletedProcess[str]":
    """Run Python in the copy, in a process group of its own, so that nothing outlives it."""
    environment = {**os.environ, "PYTHONPATH": str(TREE / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    with subprocess.Popen(
        command,
        cwd=TREE,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            raise
    return subprocess.CompletedProcess(command, process.returncode, said, "")


def stamp(folder: str) -> dict[str, str]:
    """A hash of each Python file below a folder of the repository."""
    files = sorted((ROOT / folder).rglob("*.py"))
    return {str(p.relative_to(ROOT)): hashlib.sha256(p.read_bytes()).hexdigest()[:16] for p in files}


def _test_files(suite: Sequence[str]) -> dict[str, str]:
    """A hash of each file of tests in these files and folders."""
    return {
        name: text
        for name, text in stamp("tests").items()
        if Path(name).name.startswith("test_") and name.startswith(tuple(suite))
    }


class Reached:
    """Which tests reach which line, and how long each takes; tests that fail without a mutant are not in it."""

    def __init__(self, kept: dict[str, object]) -> None:
        self.seconds: dict[str, float] = kept["seconds"]  # type: ignore[assignment]
        self.lines: dict[str, dict[str, list[str]]] = kept["lines"]  # type: ignore[assignment]

    @classmethod
    def read(cls, suite: Sequence[str]) -> "Reached":
        """Read what is kept, after running those files of the suite that have changed, or all if the code has."""
        now = {"src": stamp("src"), "tests": _test_files(suite)}
        kept = json.loads(MAP.read_text(encoding="utf-8")) if MAP.is_file() else None
        if kept is None or kept["stamp"]["src"] != now["src"]:
            kept = {"seconds": {}, "lines": {}, "stamp": {"tests": {}}}
        was = kept["stamp"]["tests"]
        stale = [name for name, text in now["tests"].items() if was.get(name) != text]
        if stale:
            print(f"Finding out which tests reach which lines: {len(stale)} files of tests ...", flush=True)
            _forget(kept, stale)
            _measure(kept, stale)
        kept["stamp"] = {"src": now["src"], "tests": was | now["tests"]}
        MAP.write_text(json.dumps(kept), encoding="utf-8")
        return cls(kept)

    def tests_of(self, path: str, lines: Iterable[int] | None = None) -> list[str]:
        """Tests that reach one of the lines (or any line) of a file, the fastest first."""
        by_line = self.lines.get(path, {})
        wanted = by_line if lines is None else [str(line) for line in lines if str(line) in by_line]
        tests = {test for line in wanted for test in by_line[line]}
        return sorted(tests, key=lambda test: (self.seconds.get(test, 0.0), test))


def _forget(kept: dict[str, dict[str, object]], files: Sequence[str]) -> None:
    """Drop what is known of the tests of these files or folders."""

    def stays(test: str) -> bool:
        return not test.startswith(tuple(files))

    kept["seconds"] = {test: seconds for test, seconds in kept["seconds"].items() if stays(test)}
    for by_line in kept["lines"].values():
        for line, tests in by_line.items():  # type: ignore[attr-defined]
            by_line[line] = [test for test in tests if stays(test)]  # type: ignore[index]


def _measure(kept: dict[str, dict[str, object]], files: Sequence[str]) -> None:
    """Run the tests of these files once with coverage by test, and add what they reach."""
    from coverage import CoverageData

    settings = KEPT / "coveragerc"
    settings.write_text("[run]\nsource_pkgs = goldseam,goldseam_web\nparallel = true\n", encoding="utf-8")
    data_file, times = KEPT / "coverage", KEPT / "times.json"
    for old in KEPT.glob("coverage*"):
        if old != settings:
            old.unlink()
    os.environ |= {"COVERAGE_FILE": str(data_file), "TEST_TIMES": str(times)}
    measured = ["--cov", f"--cov-config={settings}", "--cov-context=test", "--cov-report="]
    workers = os.environ.get("WORKERS", "2")
    done = python(
        [str(Path(__file__)), "run-tests", *PYTEST[2:], "-m", "not browser", "-n", workers, *measured, *files]
    )
    print("\n".join(done.stdout.splitlines()[-12:]))
    # A test whose name is made anew in every run could not be asked for by it.
    collected = set(python([*PYTEST, "--collect-only", *files]).stdout.splitlines())
    timed: dict[str, float] = json.loads(times.read_text(encoding="utf-8"))
    passed = {test: seconds for test, seconds in timed.items() if test in collected}
    kept["seconds"] |= passed
    data = CoverageData(str(data_file))
    data.read()
    for name in data.measured_files():
        path = str(Path(name).relative_to(TREE))
        by_line = kept["lines"].setdefault(path, {})
        for line, contexts in data.contexts_by_lineno(name).items():
            tests = {context.rpartition("|")[0] for context in contexts} & set(passed)
            known = by_line.setdefault(str(line), [])  # type: ignore[attr-defined]
            known.extend(sorted(tests - set(known)))


def run_tests(arguments: Sequence[str]) -> int:
    """Run pytest and keep how long each test that passed took."""
    import pytest

    seconds: defaultdict[str, float] = defaultdict(float)
    failed: set[str] = set()

    class Times:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            seconds[report.nodeid] += report.duration
            if report.outcome != "passed":
                failed.add(report.nodeid)

    code = pytest.main(list(arguments), plugins=[Times()])
    passed = {test: round(took, 4) for test, took in seconds.items() if test not in failed}
    Path(os.environ["TEST_TIMES"]).write_text(json.dumps(passed), encoding="utf-8")
    return int(code)


# ---------- running one ----------


def judge(mutant: Mutant, reached: Reached) -> Result:
    """Put the mutant into the copy, ask the tests and then the type checker, and put the file back."""
    started = time.monotonic()
    asked = reached.tests_of(mutant.path, range(mutant.first, mutant.last + 1))
    if len(asked) < FEW_TESTS:
        others = reached.tests_of(mutant.path)
        asked += [test for test in others if test not in set(asked)]
    target = TREE / mutant.path
    original = target.read_text(encoding="utf-8")
    target.write_text(mutant.code, encoding="utf-8")
    try:
        asked = _affordable(asked, reached)
        by = _failed_test(asked, reached) if asked else ""
        outcome = KILLED if by else SURVIVED if asked else UNREACHED
        if not by and (by := _type_error(mutant.path)):
            outcome = TYPED
    finally:
        target.write_text(original, encoding="utf-8")
    took = round(time.monotonic() - started, 1)
    return Result(
        mutant.key, mutant.path, mutant.first, mutant.function, outcome, by, len(asked), took, mutant.diff
    )


def _affordable(tests: Sequence[str], reached: Reached) -> list[str]:
    """The first tests that together take no longer than allowed, and one at least."""
    chosen: list[str] = []
    total = 0.0
    for test in tests:
        total += reached.seconds.get(test, 0.0)
        if chosen and total > TESTS_SECONDS:
            break
        chosen.append(test)
    return chosen


def _failed_test(tests: Sequence[str], reached: Reached) -> str:
    """The first test that fails, or why there was none to say; empty if all pass."""
    expected = sum(reached.seconds.get(test, 0.0) for test in tests)
    named = KEPT / "asked.txt"
    named.write_text("\n".join(tests), encoding="utf-8")
    try:
        done = python(
            [*PYTEST, "-x", "--tb=no", "--show-capture=no", f"@{named}"],
            timeout=START_SECONDS + 10 * expected,
        )
    except subprocess.TimeoutExpired:
        return "no end in sight"
    if done.returncode == 0:
        return ""
    said = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return said[0].split(" - ")[0] if said else f"pytest ended with {done.returncode}"


def _type_error(path: str) -> str:
    """What the type checker says of the file, if anything."""
    done = python(["-m", "mypy", "--cache-dir", str(KEPT / "mypy"), "--no-error-summary"])
    said = [line for line in done.stdout.splitlines() if ": error:" in line and line.startswith(path)]
    return said[0] if said else ""


# ---------- many, and what is said of them ----------


def known_results() -> dict[str, Result]:
    if not RESULTS.is_file():
        return {}
    rows = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    return {row["key"]: Result(**row) for row in rows}


def run(mutants: Iterable[Mutant], *, suite: Sequence[str], minutes: float, again: bool) -> list[Result]:
    """Judge the mutants that are not known yet, until the time is over; give all that are known then."""
    copy_tree()
    reached, known, results = Reached.read(suite), known_results(), []
    until = time.monotonic() + 60 * minutes
    for number, mutant in enumerate(mutants, start=1):
        result = known.get(mutant.key)
        if result is None or (again and result.outcome in (SURVIVED, UNREACHED)):
            if time.monotonic() > until:
                print(f"{minutes:g} minutes are over; the same command goes on from here.")
                break
            result = judge(mutant, reached)
            with RESULTS.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(result)) + "\n")
            print(
                f"{number:5} {result.outcome:28} {result.seconds:6.1f} s  {result.path}:{result.line}",
                flush=True,
            )
        results.append(result)
    return results


def report(results: Sequence[Result]) -> None:
    """Print the survivors as diffs, then the shares."""
    left = [result for result in results if result.outcome in (SURVIVED, UNREACHED)]
    for result in left:
        print(
            f"\n{result.outcome} ({result.tests} tests asked): {result.key} in {result.function}\n{result.diff}"
        )
    counts = Counter(result.outcome for result in results)
    for outcome in (KILLED, TYPED, SURVIVED, UNREACHED):
        share = 100 * counts[outcome] / max(len(results), 1)
        print(f"{outcome:28} {counts[outcome]:5}  {share:5.1f}%")


def main() -> None:
    if sys.argv[1:2] == ["run-tests"]:
        raise SystemExit(run_tests(sys.argv[2:]))
    parser = argparse.ArgumentParser(description="Which small changes to the code does no test notice?")
    parser.add_argument(
        "--package", default="", help="dotted name of a package or module; all of src/ without"
    )
    parser.add_argument("--draw", type=int, metavar="COUNT", help="so many, drawn by lot; all without")
    parser.add_argument("--seed", type=int, default=7, help="of the lot (7)")
    parser.add_argument(
        "--tests", nargs="+", default=SUITE, help="files and folders of tests to ask; all without"
    )
    parser.add_argument("--minutes", type=float, default=LONGEST_MINUTES, help="stop after this time (60)")
    parser.add_argument("--again", action="store_true", help="run survivors again, after tests have changed")
    parser.add_argument("--report", action="store_true", help="say what is known, and run nothing")
    given = parser.parse_args()
    if os.environ.get("CI") == "true":
        raise SystemExit("Mutants are not run in CI: they take hours and decide nothing there.")
    KEPT.mkdir(exist_ok=True)
    if given.report:
        report(list(known_results().values()))
        return
    mutants = drawn(given.package, given.draw, given.seed)
    report(run(mutants, suite=given.tests, minutes=given.minutes, again=given.again))


if __name__ == "__main__":
    main()
