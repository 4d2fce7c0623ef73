"""Figures of packages from their syntax trees: sizes, docstrings, types, imports, longest chain of calls.

    python scripts/measure_code.py                 # both packages of this repository
    python scripts/measure_code.py FOLDER ...      # any packages; tests inside them are counted apart

Functions are counted with signature and docstring, migrations not at all. A *chain of calls* is a longest path of
functions of one package that name each other statically: a function of the same file, one that was imported by name,
an attribute of an imported module, a class (its ``__init__`` or ``__post_init__``), or a method of ``self``. What is
reached through a parameter or a registry is not seen. Functions that call each other in a circle count as one step.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (ROOT / "src/goldseam", ROOT / "src/goldseam_web")
TESTS = {"goldseam": ("tests/core",), "goldseam_web": ("tests/web", "tests/journeys")}
TEST_FOLDERS, TEST_FILES = {"tests", "test"}, {"tests.py", "test.py", "conftest.py"}
LONGEST_SHOWN = 8
SMALL = 50

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One source file, read once."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @classmethod
    def read(cls, path: Path, package: Path) -> "Module":
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        text = path.read_text(encoding="utf-8")
        return cls(name, path, text, ast.parse(text))

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @cached_property
    def functions(self) -> "list[Function]":
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    @property
    def is_glue(self) -> bool:
        """Whether nothing is in it but imports, a docstring and the list of public names."""
        return all(_is_glue(statement) for statement in self.tree.body)

    def base_of(self, node: ast.ImportFrom) -> str:
        """The module an import takes from, with leading dots resolved."""
        if not node.level:
            return node.module or ""
        parts = self.name.split(".")
        kept = parts[: len(parts) - node.level + self.is_package]
        return ".".join([*kept, *([node.module] if node.module else [])])


def _is_glue(statement: ast.stmt) -> bool:
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
    return False


# ---------- imports ----------


def imports_of(module: Module, modules: Mapping[str, Module], nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names of the package's modules that the import statements among the nodes bring in."""
    for node in nodes:
        named: list[str] = []
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = module.base_of(node)
            named = [f"{base}.{alias.name}" for alias in node.names]
        for name in named:
            known = _known(name, modules)
            if known and known != module.name:
                yield known


def _known(name: str, modules: Mapping[str, Module]) -> str:
    """The longest beginning of a dotted name that is a module."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def at_import_time(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when the module is imported, without those for the type checker alone."""
    for statement in body:
        yield statement
        match statement:
            case ast.If(test=test) if "TYPE_CHECKING" in ast.dump(test):
                yield from at_import_time(statement.orelse)
            case ast.If():
                yield from at_import_time([*statement.body, *statement.orelse])
            case ast.Try():
                yield from at_import_time(statement.body)


def mutual_pairs(edges: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Pairs that import each other, each once."""
    return {(a, b) for a, b in edges if a < b and (b, a) in edges}


def circles(edges: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Groups of nodes that can reach each other, by Tarjan's algorithm; in an order in which what is called is first.

    Single nodes are groups too, whether or not they reach themselves.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in edges.get(node, ()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            groups.append(stack[at:])
            del stack[at:]

    sys.setrecursionlimit(10_000)
    for node in list(edges):
        if node not in index:
            visit(node)
    return groups


# ---------- calls ----------


@dataclass
class CallGraph:
    """Which function of a package names which, by "module:function" or "module:Class.method"."""

    modules: Mapping[str, Module]
    edges: dict[str, set[str]] = field(default_factory=dict)
    defined: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, modules: Mapping[str, Module]) -> "CallGraph":
        graph = cls(modules)
        for module in modules.values():
            graph.defined[module.name] = _definitions(module)
        for module in modules.values():
            graph._read(module)
        return graph

    def _read(self, module: Module) -> None:
        names = self._imported(module, module.tree)
        for node in module.tree.body:
            if isinstance(node, Function):
                self._add(module, f"{module.name}:{node.name}", node, names, "")
            elif isinstance(node, ast.ClassDef):
                for method in node.body:
                    if isinstance(method, Function):
                        key = f"{module.name}:{node.name}.{method.name}"
                        self._add(module, key, method, names, node.name)

    def _imported(self, module: Module, tree: ast.AST) -> dict[str, str]:
        """Local name to dotted name, for what comes from the package."""
        names: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                base = module.base_of(node)
                names |= {a.asname or a.name: f"{base}.{a.name}" for a in node.names}
            elif isinstance(node, ast.Import):
                names |= {a.asname or a.name: a.name for a in node.names}
        return names

    def _add(self, module: Module, key: str, node: Function, names: Mapping[str, str], owner: str) -> None:
        called = self.edges.setdefault(key, set())
        for call in ast.walk(node):
            if isinstance(call, ast.Call):
                called.update(self._targets(module, call.func, names, owner))
        called.discard(key)

    def _targets(self, module: Module, func: ast.expr, names: Mapping[str, str], owner: str) -> Iterable[str]:
        match func:
            case ast.Name(id=name) if name in self.defined[module.name]:
                return self.defined[module.name][name]
            case ast.Name(id=name) if name in names:
                return self._elsewhere(names[name])
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if owner:
                return self.defined[module.name].get(f"{owner}.{name}", ())
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in names:
                return self._elsewhere(f"{names[name]}.{attr}")
            case ast.Attribute(value=ast.Name(id=name), attr=attr):
                return self.defined[module.name].get(f"{name}.{attr}", ())
        return ()

    def _elsewhere(self, dotted: str, depth: int = 0) -> Iterable[str]:
        """The functions behind a dotted name, through modules that only pass it on."""
        base = _known(dotted, self.modules)
        rest = dotted[len(base) + 1 :]
        if not base or not rest:
            return ()
        found = self.defined[base].get(rest)
        if found is not None or depth > LONGEST_SHOWN:
            return found or ()
        first, _, more = rest.partition(".")
        passed_on = self._imported(self.modules[base], self.modules[base].tree).get(first)
        return self._elsewhere(".".join(filter(None, (passed_on, more))), depth + 1) if passed_on else ()

    def longest_chain(self) -> list[str]:
        """A longest path of functions, the caller first."""
        best: dict[str, list[str]] = {}
        for group in circles(self.edges):
            onward = {other for node in group for other in self.edges.get(node, ())} - set(group)
            tail = max((best[other] for other in sorted(onward) if other in best), key=len, default=[])
            best |= {function: [" + ".join(sorted(group)), *tail] for function in group}
        return max(best.values(), key=len, default=[])


def _definitions(module: Module) -> dict[str, list[str]]:
    """The functions behind each name that a module defines; behind a class what making one of it runs."""
    found: dict[str, list[str]] = {}
    for node in module.tree.body:
        if isinstance(node, Function):
            found[node.name] = [f"{module.name}:{node.name}"]
        elif isinstance(node, ast.ClassDef):
            methods = [m.name for m in node.body if isinstance(m, Function)]
            found |= {f"{node.name}.{m}": [f"{module.name}:{node.name}.{m}"] for m in methods}
            made_by = [m for m in methods if m in ("__init__", "__post_init__")]
            found[node.name] = [f"{module.name}:{node.name}.{m}" for m in made_by]
    return found


# ---------- the figures ----------


@dataclass(frozen=True)
class Package:
    """A package's modules, and the files of its tests."""

    folder: Path
    modules: Mapping[str, Module]
    tests: Sequence[Path]

    @classmethod
    def read(cls, folder: Path) -> "Package":
        paths = [p for p in sorted(folder.rglob("*.py")) if "migrations" not in p.parts]
        inside = [p for p in paths if is_test(p.relative_to(folder))]
        modules = [Module.read(p, folder) for p in paths if p not in set(inside)]
        beside = [p for name in TESTS.get(folder.name, ()) for p in sorted((ROOT / name).rglob("*.py"))]
        return cls(folder, {m.name: m for m in modules}, inside + beside)

    @cached_property
    def edges(self) -> set[tuple[str, str]]:
        """Which module imports which when it is imported itself."""
        return {
            (module.name, other)
            for module in self.modules.values()
            for other in imports_of(module, self.modules, at_import_time(module.tree.body))
        }

    def part_of(self, module: str) -> str:
        """The file or folder directly below the package."""
        return ".".join(module.split(".")[:2])

    @cached_property
    def functions(self) -> list[tuple[int, str]]:
        """Give (lines, place and name) of every function, longest first."""
        found = [
            (_length(node), f"{module.path.relative_to(self.folder.parent)}:{node.lineno} {node.name}")
            for module in self.modules.values()
            for node in module.functions
        ]
        return sorted(found, reverse=True)

    @property
    def public(self) -> list[Function]:
        return [node for module in self.modules.values() for node in _public(module.tree)]

    @property
    def classes(self) -> list[ast.ClassDef]:
        nodes = (node for module in self.modules.values() for node in ast.walk(module.tree))
        return [node for node in nodes if isinstance(node, ast.ClassDef)]

    @cached_property
    def chain(self) -> list[str]:
        return CallGraph.of(self.modules).longest_chain()

    def figures(self) -> dict[str, str]:
        """Every figure by its name, as it is printed."""
        lengths = [lines for lines, _ in self.functions]
        sizes = [module.lines for module in self.modules.values()]
        documented = [bool(ast.get_docstring(node)) for node in self.public]
        returns = [node.returns for module in self.modules.values() for node in module.functions]
        parts = {(self.part_of(a), self.part_of(b)) for a, b in self.edges}
        code = sum(_code_lines(module.text) for module in self.modules.values())
        texts = [path.read_text(encoding="utf-8") for path in self.tests]
        test_lines = sum(len(text.splitlines()) for text in texts)
        return {
            "modules": f"{len(sizes)}",
            "lines": f"{sum(sizes)}",
            "lines of code (no docstring, comment, blank)": f"{code}",
            f"modules under {SMALL} lines / of imports alone": f"{sum(s < SMALL for s in sizes)} / "
            f"{sum(m.is_glue for m in self.modules.values())}",
            "module median / p90 / max": f"{median(sizes):.0f} / {_quantile(sizes, 0.9)} / {max(sizes)}",
            "functions": f"{len(lengths)}",
            "function median / p95 / max": f"{median(lengths):.0f} / {_quantile(lengths, 0.95)} / {max(lengths)}",
            "classes": f"{len(self.classes)}",
            "public functions with a docstring": f"{_share(documented)} of {len(documented)}",
            "functions with a return type": _share(node is not None for node in returns),
            "imports between modules": f"{len(self.edges)}",
            "parts that import each other": f"{len(mutual_pairs(parts))}",
            "modules that import each other": f"{len(mutual_pairs(self.edges))}",
            "longest static call chain": f"{len(self.chain)}",
            "tests : code, lines": f"{test_lines / sum(sizes):.2f}",
            "tests : code, lines of code": f"{sum(map(_code_lines, texts)) / code:.2f}",
        }


def is_test(path: Path) -> bool:
    """Whether a file inside a package is a test."""
    return not TEST_FOLDERS.isdisjoint(path.parts) or path.name in TEST_FILES or path.name.startswith("test_")


def _length(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _public(tree: ast.AST) -> Iterator[Function]:
    """Functions and methods without a leading underscore in their own name or in that of their class."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.If | ast.Try) or (
            isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        ):
            yield from _public(node)


def _code_lines(text: str) -> int:
    """Lines that are neither blank nor a comment nor part of a string that stands alone."""
    documentation: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            documentation.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = enumerate(text.splitlines(), start=1)
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and number not in documentation
        for number, line in lines
    )


def _quantile(values: Sequence[int], share: float) -> int:
    return sorted(values)[round(share * (len(values) - 1))]


def _share(holds: Iterable[bool]) -> str:
    given = list(holds)
    return f"{100 * sum(given) / max(len(given), 1):.0f}%"


def main(arguments: Sequence[str]) -> None:
    """Print the figures side by side, then what is longest in each package."""
    packages = [Package.read(Path(folder).resolve()) for folder in arguments or PACKAGES]
    columns: dict[str, list[str]] = defaultdict(list)
    for package in packages:
        for name, value in package.figures().items():
            columns[name].append(value)
    print(" " * 46 + "".join(f"{package.folder.name:>18}" for package in packages))
    for name, values in columns.items():
        print(f"{name:46}" + "".join(f"{value:>18}" for value in values))
    for package in packages:
        print(f"\n{package.folder.name}: longest functions")
        for lines, place in package.functions[:LONGEST_SHOWN]:
            print(f"  {lines:4}  {place}")
        print(f"{package.folder.name}: longest chain of calls")
        for depth, function in enumerate(package.chain, start=1):
            print(f"  {depth:4}  {function}")


if __name__ == "__main__":
    main(sys.argv[1:])
