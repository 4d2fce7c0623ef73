"""Build wheel and source distribution, install each into an empty environment, run it there, and measure.

    python benchmarks/package/run.py                     with the network, or a package index that is near
    python benchmarks/package/run.py --python python3.13

It says which of the two installed and ran, what `pip install goldseam` adds to numpy, scipy and polars, and how long
importing, a first detection and a first picture take, each in a fresh process, beside importing polars alone.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BASE = ("numpy", "scipy", "polars", "_polars", "pip", "setuptools", "pkg_resources", "_distutils")
REPEATS = 5
RATINGS = "[7.5, 7.25, 7.5, 7.75, 7.5, 3.0, 7.25, 7.5]"
READING = "goldseam.ReadOptions(value_range=(0, 10))"
PROGRAMS = {
    "import polars": "import polars",
    "import goldseam": "import goldseam",
    "import goldseam, first detect": f"import goldseam; goldseam.detect({RATINGS}, reading={READING})",
    "first picture, as SVG": (
        "import goldseam; found = goldseam.detect(goldseam.datasets.individual()); found.plot().save('first.svg')"
    ),
}


def run(*words: str | Path, folder: Path) -> None:
    """Run a command with nothing of this project on its path; what it says on standard error is shown if it fails."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in words], cwd=folder, env=clean, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")


def built(folder: Path) -> list[Path]:
    """The wheel, and the source distribution."""
    run(sys.executable, "-m", "hatchling", "build", "-d", folder, folder=ROOT)
    return [next(folder.glob(pattern)) for pattern in ("*.whl", "*.tar.gz")]


def installed(made: Path, python: str, work: Path) -> Path:
    """The interpreter of an empty environment with the distribution in it, tried from a folder that is not ours."""
    environment = work / f"env-{made.suffix[1:]}"
    run(python, "-m", "venv", environment, folder=work)
    inside = environment / "bin"
    run(inside / "python", "-m", "pip", "install", "--quiet", made, folder=work)
    made_up = "simulate --cases 20 --sessions 12 --seed 1 --out ratings.csv"
    for line in (made_up, "detect ratings.csv --out events.csv"):
        run(inside / "goldseam", *line.split(), folder=environment)
    return inside / "python"


def megabytes(python: Path, *, added: bool) -> float:
    """What lies in an environment: what goldseam adds to its three large libraries, or these."""
    packages = next(python.parent.parent.glob("lib/*/site-packages"))
    counted = [each for each in packages.iterdir() if each.name.lower().startswith(BASE) != added]
    files = (file for each in counted for file in ([each] if each.is_file() else each.rglob("*")))
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def seconds(python: Path, program: str, work: Path) -> tuple[float, float]:
    """Wall and processor seconds of a fresh process, each the least of some."""
    wall, processor = [], []
    for _ in range(REPEATS):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        run(python, "-W", "ignore", "-c", program, folder=work)
        wall.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(wall), min(processor)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default=sys.executable, help="makes the empty environments")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        wheel, source = built(work)
        pythons = {made.name: installed(made, given.python, work) for made in (wheel, source)}
        for name in pythons:
            print(f"{name}: installs in an empty environment, and its commands run")
        python = pythons[wheel.name]
        print(
            f"goldseam adds {megabytes(python, added=True):.1f} MB to {megabytes(python, added=False):.0f} MB"
        )
        plain = 0.0
        run(python, "-m", "pip", "install", "--quiet", f"{wheel}[charts]", folder=work)
        for name, program in PROGRAMS.items():
            wall, processor = seconds(python, program, work)
            plain = plain or processor
            print(f"{name}: {wall:.2f} s, processor {processor:.2f} s, {processor / plain:.1f} times polars")


if __name__ == "__main__":
    main()
