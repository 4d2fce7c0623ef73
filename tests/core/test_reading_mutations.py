"""Damaged files are read or refused with our own error; the long run is ``benchmarks/reading/mutations.py``."""

from pathlib import Path

import pytest

from benchmarks.reading.mutations import run


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_damaged_files_raise_nothing_but_our_own_errors(seed: int, tmp_path: Path) -> None:
    counts = run(150, seed, tmp_path)
    assert counts.total() == 150
    assert counts["read"] > 10
    assert set(counts) <= {"read", "TableError", "ParameterError", "NormsError"}
