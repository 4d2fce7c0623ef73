"""Read tables of ratings damaged by lot: each is read or refused with a `GoldseamError`; nothing else is raised.

    python benchmarks/reading/mutations.py                  100,000 files
    python benchmarks/reading/mutations.py --files 5000 --seed 7

Each begins as one of a few sound files (comma, semicolon, tab, UTF-16, wide, Qualtrics, dates, quotes) and undergoes
one to three changes: bytes or cells taken away, doubled, swapped, or replaced by what files hold at their worst. Prints
how many were read and refused; an exception of any other kind ends it with the file left beside.
"""

import argparse
import random
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from goldseam import GoldseamError, read_ratings
from goldseam.series import load_series
from goldseam.series.read_options import ReadOptions

FILES, SEED = 100_000, 20261127
MOST_CHANGES = 3
VALUES = (7.5, 7.25, 7.5, 7.75, 7.5, 3.0, 7.25, 7.5)
HEADER = "case,rater,scale,session,value,minimum,maximum,date"
ROWS = [f"007,client,alliance,{s},{v},0,10,2024-03-0{s}" for s, v in enumerate(VALUES, start=1)]
PLAIN = "\n".join([HEADER, *ROWS]) + "\n"
WIDE = "id,srs_s1,srs_s2,srs_s3\n007,35,36,20\n008,30,,31\n"
QUALTRICS = PLAIN.replace(
    HEADER, f'{HEADER}\nCase,Who,What,No,Score,Min,Max,Day\n"{{""ImportId"":""Q1""}}",a,b,c,d,e,f,g'
)
SOUND = [
    PLAIN.encode(),
    PLAIN.replace(",", ";").replace(".", ",").encode(),
    PLAIN.replace(",", "\t").encode("utf-16"),
    ("\ufeff" + PLAIN.replace("\n", "\r\n")).encode(),
    PLAIN.replace("client", "Müller").encode("cp1252"),
    PLAIN.replace("2024-03-0", "0").replace("\n007", "/03/2024\n007").encode(),
    QUALTRICS.encode(),
    "\n".join('"' + row.replace(",", '","') + '"' for row in PLAIN.splitlines()).encode(),
    WIDE.encode(),
    PLAIN.replace("minimum,maximum,", "").replace("0,10,", "").encode(),
]
OPTIONS = [
    ReadOptions(),
    ReadOptions(),
    ReadOptions(),
    ReadOptions(wide="srs_s{session}", columns={"case": "id"}, constants={"rater": "c", "scale": "s"}),
    ReadOptions(decimal=","),
    ReadOptions(date_format="%d.%m.%Y"),
    ReadOptions(sessions="dates"),
    ReadOptions(layout="redcap"),
    ReadOptions(layout="qualtrics"),
    ReadOptions(layout="formr"),
    ReadOptions(encoding="utf-16"),
    ReadOptions(delimiter=";"),
    ReadOptions(value_range=(0.0, 10.0)),
]
WORST = [
    *(
        b"",
        b" ",
        b"\0",
        b"\xff",
        b"\xfe\xff",
        b'"',
        b'""',
        b"'",
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r",
        b"\r\n\r\n",
    ),
    *(b"NA", b"NaN", b"nan", b"inf", b"-inf", b"1e400", b"-1e400", b"1e-400", b"99999999999999999999", b"-0"),
    *(
        b"0x10",
        b"1_000",
        "∞".encode(),
        b"1,5",
        b"1.234,5",
        b"2024-02-30",
        b"0000-00-00",
        b"99/99/9999",
        b"31.12.24",
    ),
    *(
        b"45351",
        b"20240301",
        b"-99",
        b"999",
        b"case",
        b"value",
        b"session",
        b"Session 1",
        b"T1",
        "😀".encode(),
    ),
    *(
        "７".encode(),
        "٣".encode(),
        b"\xc2\xa0",
        b"\xe2\x80\x8b",
        b"=1+1",
        b"#REF!",
        b"TRUE",
        b"x" * 70_000,
        b"sep=;",
    ),
    *(b"{", b"}", b"{0}", b"%", b"\\", b"|", b"\x1a", b"\xed\xa0\x80", b"row", b"__row", b"9" * 400),
    *(b"session_2147483648_arm_1", b"x" * 200_000),
]


def changed(content: bytes, lot: random.Random) -> bytes:
    """A file with one change."""
    change = lot.choice((_cut, _bytes, _worst, _cell, _line, _swap_lines))
    return change(content, lot)


def _place(content: bytes, lot: random.Random) -> int:
    return lot.randrange(len(content) + 1)


def _cut(content: bytes, lot: random.Random) -> bytes:
    first, last = sorted((_place(content, lot), _place(content, lot)))
    return content[:first] + content[min(last, first + lot.randrange(1, 40)) :]


def _bytes(content: bytes, lot: random.Random) -> bytes:
    at = _place(content, lot)
    return content[:at] + bytes([lot.randrange(256)]) + content[at + lot.randrange(2) :]


def _worst(content: bytes, lot: random.Random) -> bytes:
    at = _place(content, lot)
    return content[:at] + lot.choice(WORST) + content[at:]


def _cell(content: bytes, lot: random.Random) -> bytes:
    """A cell is replaced by something."""
    lines = content.split(b"\n")
    at = lot.randrange(len(lines))
    cells = lines[at].split(b",")
    cells[lot.randrange(len(cells))] = lot.choice(WORST)
    lines[at] = b",".join(cells)
    return b"\n".join(lines)


def _line(content: bytes, lot: random.Random) -> bytes:
    """A line is doubled or taken away."""
    lines = content.split(b"\n")
    at = lot.randrange(len(lines))
    lines[at : at + 1] = [lines[at]] * lot.choice((0, 2))
    return b"\n".join(lines)


def _swap_lines(content: bytes, lot: random.Random) -> bytes:
    lines = content.split(b"\n")
    one, other = lot.randrange(len(lines)), lot.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def outcome(path: Path, options: ReadOptions) -> str:
    """Read a file: *read*, or the kind of the error it is refused with."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            load_series(path, reading=options)
            if options == ReadOptions():
                read_ratings(path)
        except GoldseamError as error:
            return type(error).__name__
    return "read"


def run(
    files: int, seed: int, folder: Path, seen: Callable[[int], None] = lambda _number: None
) -> Counter[str]:
    """Damage and read so many files; what is raised and is no `GoldseamError` goes on."""
    lot, counts = random.Random(seed), Counter[str]()
    path = folder / "mutated.csv"
    for number in range(files):
        content = lot.choice(SOUND)
        for _ in range(lot.randrange(1, MOST_CHANGES + 1)):
            content = changed(content, lot)
        path.write_bytes(content)
        counts[outcome(path, lot.choice(OPTIONS))] += 1
        seen(number)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=FILES)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    try:
        print(f"{given.files} files, seed {given.seed}: {dict(run(given.files, given.seed, folder))}")
    except Exception:
        print(f"left as it was: {folder / 'mutated.csv'}")
        raise


if __name__ == "__main__":
    main()
