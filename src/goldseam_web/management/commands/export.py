"""Write what clients agreed to give for research, as the tables that `goldseam study` reads."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from goldseam_web.accounts.queries import local_day
from goldseam_web.audit.services import SYSTEM, record
from goldseam_web.management.asking import clinic_meant
from goldseam_web.research.study_files import write_study
from goldseam_web.research.study_tables import study_tables


class Command(BaseCommand):
    help = (
        "Write the answers of whoever agreed to research into a folder, under other names and on other days: the "
        "tables that goldseam study reads, with a codebook, SPSS syntax and a BIDS phenotype folder."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", required=True, type=Path, metavar="DIR", help="folder to write into")
        parser.add_argument(
            "--project",
            default="goldseam",
            help="name of the project: the same one gives the same names and days, another one others",
        )
        parser.add_argument("--clinic", help="name of the clinic; not needed where there is one")
        parser.add_argument("--force", action="store_true", help="replace the files of an earlier export")

    def handle(self, **options: Any) -> None:
        clinic, project, into = clinic_meant(options["clinic"]), options["project"].strip(), options["study"]
        if not project:
            raise CommandError("--project: a name of at least one letter is needed.")
        at = timezone.now()
        found = study_tables(clinic, project)
        if not found.members:
            raise CommandError("Nobody has agreed to research; nothing was written.")
        # On record before anything leaves: an export without an entry would be worse than an entry without an export.
        counts = {"project": project, "cases": found.cases, "members": found.members}
        record(clinic_id=clinic.pk, at=at, actor=SYSTEM, action="research.export", details=counts)
        try:
            day = local_day(clinic, at)
            written = write_study(found, into, project=project, day=day, force=options["force"])
        except FileExistsError as there:
            raise CommandError(f"{into}: {there} is there already; --force replaces it.") from there
        except OSError as error:
            raise CommandError(f"{into} cannot be written ({error.strerror}).") from error
        self.stdout.write(
            f"Members: {found.members} agreed to research, {found.left_out} did not and are left out. "
            f"Cases: {found.cases}.\nWritten into {into}: {len(written)} files."
        )
