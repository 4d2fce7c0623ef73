"""Makes `bids_schema.json`: what of the BIDS schema bears on a data set of participants, sessions and phenotypes.

pip install bidsschematools==2.0.1    # schema 2.0.1, BIDS 1.11.2; 2026-11-29
python tests/core/reference/bids_schema.py
"""

import importlib
import json
from pathlib import Path


def main() -> None:
    """Take out of the published schema, unchanged, what `tests/web/bids_rules.py` holds an export to."""
    schema = importlib.import_module("bidsschematools.schema").load_schema().to_dict()
    rules, objects = schema["rules"], schema["objects"]
    tables = rules["tabular_data"]["modality_agnostic"]
    described = ("LongName", "Description", "Levels", "Units", "TermURL", "Format", "MeasurementToolMetadata")
    taken = {
        "schema_version": schema["schema_version"],
        "bids_version": schema["bids_version"],
        "files": {"core": rules["files"]["common"]["core"], "tables": rules["files"]["common"]["tables"]},
        "dataset_description": rules["json"]["dataset"]["dataset_description"]["fields"],
        "tables": {name: tables[name] for name in ("Participants", "Phenotype", "Sessions")},
        "checks": {
            "PHENOTYPE_SUBJECTS_MISSING": rules["checks"]["phenotype"]["PhenotypeSubjectsMissing"]["checks"],
            "PARTICIPANT_ID_MISMATCH": rules["checks"]["dataset"]["ParticipantIDMismatch"]["checks"],
        },
        "columns": {name: objects["columns"][name] for name in ("participant_id", "session_id")},
        "metadata": {
            name: objects["metadata"][name]
            for name in (*rules["json"]["dataset"]["dataset_description"]["fields"], *described)
        },
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(taken, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
