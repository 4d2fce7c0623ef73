"""Numbers for urgent help by country, as a beginning: a clinic looks each one over before its clients see it.

They were written down from what the organisations publish, each at its source, by the date below, and were not dialled.
What is missing here a clinic adds itself.
"""

from dataclasses import dataclass
from datetime import date

from goldseam_web.accounts.models import LineKind

WRITTEN_ON = date(2026, 11, 27)
_ALWAYS = "Day and night"
_ANYBODY, _VIOLENCE, _CHILDREN = LineKind.ANYBODY, LineKind.DOMESTIC_VIOLENCE, LineKind.CHILDREN


@dataclass(frozen=True)
class HelpNumber:
    """One line: its name, what is dialled, when somebody answers, whom it is for, and where that is published."""

    name: str
    number: str
    hours: str = ""
    kind: LineKind = _ANYBODY
    source: str = ""


def _of(*rows: tuple[LineKind, str, str, str, str]) -> tuple[HelpNumber, ...]:
    return tuple(HelpNumber(name, number, hours, kind, source) for kind, name, number, hours, source in rows)


SHIPPED: dict[str, tuple[HelpNumber, ...]] = {
    "AT": _of(
        (_ANYBODY, "TelefonSeelsorge", "142", _ALWAYS, "telefonseelsorge.at"),
        (_VIOLENCE, "Frauenhelpline gegen Gewalt", "0800 222 555", _ALWAYS, "frauenhelpline.at"),
        (_CHILDREN, "Rat auf Draht", "147", _ALWAYS, "rataufdraht.at"),
    ),
    "AU": _of(
        (_ANYBODY, "Lifeline", "13 11 14", _ALWAYS, "lifeline.org.au"),
        (_VIOLENCE, "1800RESPECT", "1800 737 732", _ALWAYS, "1800respect.org.au"),
        (_CHILDREN, "Kids Helpline", "1800 55 1800", _ALWAYS, "kidshelpline.com.au"),
    ),
    "BE": _of(
        (_ANYBODY, "Zelfmoordlijn", "1813", _ALWAYS, "zelfmoord1813.be"),
        (_ANYBODY, "Centre de prévention du suicide", "0800 32 123", _ALWAYS, "preventionsuicide.be"),
        (_VIOLENCE, "1712", "1712", "", "1712.be"),
        (_VIOLENCE, "Écoute violences conjugales", "0800 30 030", _ALWAYS, "ecouteviolencesconjugales.be"),
        (_CHILDREN, "Awel", "102", "", "awel.be"),
        (_CHILDREN, "Écoute-Enfants", "103", "", "103ecoute.be"),
    ),
    "CA": _of(
        (_ANYBODY, "9-8-8 Suicide Crisis Helpline", "988", _ALWAYS, "988.ca"),
        (_VIOLENCE, "Assaulted Women’s Helpline (Ontario)", "1-866-863-0511", _ALWAYS, "awhl.org"),
        (_CHILDREN, "Kids Help Phone", "1-800-668-6868", _ALWAYS, "kidshelpphone.ca"),
    ),
    "DE": _of(
        (_ANYBODY, "TelefonSeelsorge", "0800 111 0 111", _ALWAYS, "telefonseelsorge.de"),
        (_VIOLENCE, "Hilfetelefon Gewalt gegen Frauen", "116 016", _ALWAYS, "hilfetelefon.de"),
        (_CHILDREN, "Nummer gegen Kummer", "116 111", "Monday to Saturday, 14 to 20", "nummergegenkummer.de"),
    ),
    "DK": _of(
        (_ANYBODY, "Livslinien", "70 201 201", "", "livslinien.dk"),
        (_VIOLENCE, "Lev Uden Vold", "1888", _ALWAYS, "levudenvold.dk"),
        (_CHILDREN, "BørneTelefonen", "116 111", _ALWAYS, "bornetelefonen.dk"),
    ),
    "ES": _of(
        (_ANYBODY, "Línea 024", "024", _ALWAYS, "sanidad.gob.es"),
        (_VIOLENCE, "016", "016", _ALWAYS, "violenciagenero.igualdad.gob.es"),
        (_CHILDREN, "Teléfono ANAR", "116 111", _ALWAYS, "anar.org"),
    ),
    "FI": _of(
        (_ANYBODY, "MIELI Kriisipuhelin", "09 2525 0111", _ALWAYS, "mieli.fi"),
        (_VIOLENCE, "Nollalinja", "080 005 005", _ALWAYS, "nollalinja.fi"),
        (_CHILDREN, "Lasten ja nuorten puhelin", "116 111", "", "mll.fi"),
    ),
    "FR": _of(
        (_ANYBODY, "Numéro national de prévention du suicide", "3114", _ALWAYS, "3114.fr"),
        (_VIOLENCE, "Violences Femmes Info", "3919", _ALWAYS, "solidaritefemmes.org"),
        (_CHILDREN, "Allô Enfance en Danger", "119", _ALWAYS, "allo119.gouv.fr"),
    ),
    "GB": _of(
        (_ANYBODY, "Samaritans", "116 123", _ALWAYS, "samaritans.org"),
        (
            _VIOLENCE,
            "National Domestic Abuse Helpline",
            "0808 2000 247",
            _ALWAYS,
            "nationaldahelpline.org.uk",
        ),
        (_CHILDREN, "Childline", "0800 1111", _ALWAYS, "childline.org.uk"),
    ),
    "IE": _of(
        (_ANYBODY, "Samaritans", "116 123", _ALWAYS, "samaritans.org"),
        (_VIOLENCE, "Women’s Aid", "1800 341 900", _ALWAYS, "womensaid.ie"),
        (_CHILDREN, "Childline", "1800 66 66 66", _ALWAYS, "childline.ie"),
    ),
    "IT": _of(
        (_ANYBODY, "Telefono Amico", "02 2327 2327", "", "telefonoamico.it"),
        (_VIOLENCE, "1522", "1522", _ALWAYS, "1522.eu"),
        (_CHILDREN, "Telefono Azzurro", "19696", _ALWAYS, "azzurro.it"),
    ),
    "NL": _of(
        (_ANYBODY, "113 Zelfmoordpreventie", "0800 0113", _ALWAYS, "113.nl"),
        (_VIOLENCE, "Veilig Thuis", "0800 2000", _ALWAYS, "veiligthuis.nl"),
        (_CHILDREN, "De Kindertelefoon", "0800 0432", "", "kindertelefoon.nl"),
    ),
    "NO": _of(
        (_ANYBODY, "Mental Helse", "116 123", _ALWAYS, "mentalhelse.no"),
        (_VIOLENCE, "VO-linjen", "116 006", _ALWAYS, "volinjen.no"),
        (_CHILDREN, "Alarmtelefonen for barn og unge", "116 111", _ALWAYS, "116111.no"),
    ),
    "NZ": _of(
        (_ANYBODY, "1737, need to talk?", "1737", _ALWAYS, "1737.org.nz"),
        (_VIOLENCE, "Women’s Refuge", "0800 733 843", _ALWAYS, "womensrefuge.org.nz"),
        (_CHILDREN, "Youthline", "0800 376 633", "", "youthline.co.nz"),
    ),
    "SE": _of(
        (_ANYBODY, "Självmordslinjen", "90101", "", "mind.se"),
        (_VIOLENCE, "Kvinnofridslinjen", "020 50 50 50", _ALWAYS, "kvinnofridslinjen.se"),
        (_CHILDREN, "Bris", "116 111", _ALWAYS, "bris.se"),
    ),
    "US": _of(
        (_ANYBODY, "988 Suicide & Crisis Lifeline", "988", _ALWAYS, "988lifeline.org"),
        (_VIOLENCE, "National Domestic Violence Hotline", "1-800-799-7233", _ALWAYS, "thehotline.org"),
        (
            _CHILDREN,
            "Childhelp National Child Abuse Hotline",
            "1-800-422-4453",
            _ALWAYS,
            "childhelphotline.org",
        ),
    ),
}
