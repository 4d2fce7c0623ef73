"""What the BIDS validator says of small data sets that break one rule each: run once, its words kept beside this file.

pip install bids-validator-deno==3.0.2
python tests/core/reference/bids_verdicts.py [FOLDER]    # or its word on a folder, such as the `bids` of an export
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

KEPT = Path(__file__).with_suffix(".json")
SOUND = {
    "dataset_description.json": '{"Name": "x", "BIDSVersion": "1.11.1", "DatasetType": "raw"}',
    "README.md": "Two people.\n",
    "participants.tsv": "participant_id\tmodality\nsub-M1\tcouple\nsub-M2\tn/a\n",
    "participants.json": '{"modality": {"LongName": "Modality", "Description": "x", "Levels": {"couple": "a couple"}}}',
    "sessions.json": '{"date": {"Description": "Day", "Format": "date"}}',
    "sub-M1/sub-M1_sessions.tsv": "session_id\tdate\nses-001\t2026-01-04\n",
    "sub-M2/sub-M2_sessions.tsv": "session_id\tdate\nses-001\tn/a\n",
    "phenotype/bond_post.tsv": "participant_id\tsession_001\nsub-M1\t3.5\nsub-M2\tn/a\n",
    "phenotype/bond_post.json": '{"MeasurementToolMetadata": {"Description": "x"}, "session_001": {"Units": "points"}}',
}
# Each breaks one rule; None takes a file away.
BROKEN: dict[str, dict[str, str | None]] = {
    "sound": {},
    "no description": {"dataset_description.json": None},
    "no name": {"dataset_description.json": '{"BIDSVersion": "1.11.1"}'},
    "name a number": {"dataset_description.json": '{"Name": 1, "BIDSVersion": "1.11.1"}'},
    "another file": {"ratings.csv": "case\n"},
    "row twice": {"phenotype/bond_post.tsv": "participant_id\tsession_001\nsub-M1\t3\nsub-M1\t4\n"},
    "label with a dash": {
        "participants.tsv": "participant_id\tmodality\nsub-M1-2\tcouple\nsub-M1\tn/a\nsub-M2\tn/a\n"
    },
    "participant unknown": {"participants.tsv": "participant_id\tmodality\nsub-M1\tcouple\n"},
    "phenotype of nobody": {"phenotype/bond_post.tsv": "participant_id\tsession_001\nsub-M3\t3\n"},
    "not the first column": {"phenotype/bond_post.tsv": "session_001\tparticipant_id\n3\tsub-M1\n"},
    "no participant": {"phenotype/bond_post.tsv": "session_001\n3\n"},
    "column not described": {"phenotype/bond_post.json": '{"MeasurementToolMetadata": {"Description": "x"}}'},
    "not among the levels": {"participants.tsv": "participant_id\tmodality\nsub-M1\tpair\nsub-M2\tn/a\n"},
    "long name a number": {"phenotype/bond_post.json": '{"session_001": {"LongName": 3}}'},
    "day in words": {"sub-M1/sub-M1_sessions.tsv": "session_id\tdate\nses-001\tMonday\n"},
    "session with a dash": {"sub-M1/sub-M1_sessions.tsv": "session_id\tdate\nses-0-1\tn/a\n"},
    "session twice": {"sub-M1/sub-M1_sessions.tsv": "session_id\tdate\nses-001\tn/a\nses-001\tn/a\n"},
    "dictionary alone": {"phenotype/task_post.json": '{"session_001": {"Units": "points"}}'},
    "uneven rows": {"phenotype/bond_post.tsv": "participant_id\tsession_001\nsub-M1\n"},
    "nothing in it": {"phenotype/bond_post.tsv": ""},
}


def write_set(into: Path, change: dict[str, str | None]) -> None:
    """Write the sound data set with a change."""
    for name, text in {**SOUND, **change}.items():
        if text is not None:
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            (into / name).write_text(text, encoding="utf-8")


def verdict(folder: Path) -> dict[str, list[str]]:
    """Codes of the validator, by severity."""
    command = ["bids-validator-deno", str(folder), "--format", "json", "--max-rows=-1"]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    found: dict[str, set[str]] = {"error": set(), "warning": set()}
    for issue in said["issues"]["issues"]:
        found[issue["severity"]].add(issue["code"])
    return {severity: sorted(codes) for severity, codes in found.items()}


def main() -> None:
    """Ask about each, and keep the answers; or about a folder, and print them."""
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(verdict(Path(sys.argv[1])), indent=1) + "\n")
        return
    answers = {}
    for name, change in BROKEN.items():
        with tempfile.TemporaryDirectory() as made:
            write_set(Path(made), change)
            answers[name] = verdict(Path(made))
    KEPT.write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
