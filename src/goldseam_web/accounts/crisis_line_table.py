"""Numbers for urgent help by country, as a beginning: a clinic looks each one over before its clients see it.

Each was read on the page named beside it, of who runs the line or of an authority, on the day below. Pages were read as
they had been stored, some of them years before, and no number was dialled. The hours stand there only where that same
page says them. A kind, or a country, that is missing here is one for which no such page was found: the clinic is asked.
"""

from dataclasses import dataclass
from datetime import date

from goldseam_web.accounts.models import LineKind

SEEN_ON = date(2026, 11, 27)
_ALWAYS = "Day and night"
_ANYBODY, _VIOLENCE, _CHILDREN = LineKind.ANYBODY, LineKind.DOMESTIC_VIOLENCE, LineKind.CHILDREN


@dataclass(frozen=True)
class HelpNumber:
    """One line: its name, what is dialled, when somebody answers, whom it is for, and where that was found."""

    name: str
    number: str
    hours: str = ""
    kind: LineKind = _ANYBODY
    source: str = ""


def _line(kind: LineKind, name: str, number: str, hours: str, source: str) -> HelpNumber:
    return HelpNumber(name, number, hours, kind, source)


_VICTORIA = "https://www.health.vic.gov.au/mental-health-services/telephone-and-online-services"
_CANADA = "https://www.newswire.ca/news-releases/government-of-canada-"
_IRELAND = "https://www.womensaid.ie/about/newsevents/news/2009/11/30/"
_NETHERLANDS = "https://www.rijksoverheid.nl/onderwerpen/huiselijk-geweld/vraag-en-antwoord/"
_NEW_ZEALAND = "https://www.health.govt.nz/news-media/news-items/"
_UNITED_STATES = "https://ovc.ojp.gov/news/grantee-news/"

SHIPPED: dict[str, tuple[HelpNumber, ...]] = {
    "AT": (
        _line(_ANYBODY, "TelefonSeelsorge", "142", _ALWAYS, "https://www.katholisch.at/telefonseelsorge"),
        _line(
            _VIOLENCE,
            "Frauenhelpline gegen Gewalt",
            "0800 222 555",
            _ALWAYS,
            "http://frauenhelpline.at/berichte/2003/vorwort.htm",
        ),
        _line(
            _CHILDREN,
            "Rat auf Draht",
            "147",
            _ALWAYS,
            "https://www.rataufdraht.at/pressemitteilungen/25-jahre-notrufnummer-147",
        ),
    ),
    "AU": (
        _line(_ANYBODY, "Lifeline", "13 11 14", _ALWAYS, _VICTORIA),
        _line(
            _VIOLENCE,
            "1800RESPECT",
            "1800 737 732",
            "",
            "https://www.surfcoast.vic.gov.au/My_Community/Domestic_violence",
        ),
        _line(_CHILDREN, "Kids Helpline", "1800 55 1800", _ALWAYS, _VICTORIA),
    ),
    "CA": (
        _line(
            _ANYBODY,
            "9-8-8: Suicide Crisis Helpline",
            "988",
            _ALWAYS,
            _CANADA + "launches-three-digit-suicide-crisis-helpline-896472116.html",
        ),
        _line(
            _CHILDREN,
            "Kids Help Phone",
            "1-800-668-6868",
            _ALWAYS,
            _CANADA + "announces-7-5m-to-kids-help-phone-820457193.html",
        ),
    ),
    "DE": (
        _line(_ANYBODY, "TelefonSeelsorge", "0800 111 0 111", _ALWAYS, "https://ts-bayreuth.de/node/1"),
        _line(
            _VIOLENCE,
            "Hilfetelefon Gewalt gegen Frauen",
            "116 016",
            _ALWAYS,
            "https://www.hilfetelefon.de/das-hilfetelefon/angebot-im-ueberblick.html",
        ),
        _line(
            _CHILDREN,
            "Nummer gegen Kummer",
            "116 111",
            "Monday to Saturday, 14 to 20",
            "https://www.bmfsfj.de/bmfsfj/mediathek/anrufen-mailen-chatten-gegen-sorgen-154556",
        ),
    ),
    "ES": (
        _line(
            _VIOLENCE,
            "016",
            "016",
            "",
            "https://mugardos.gal/a-delegacion-do-goberno-contra-a-violencia-de-xenero-informa/",
        ),
        _line(_CHILDREN, "Teléfono ANAR", "116 111", "", "https://anar.org/2018/07"),
    ),
    "FR": (
        _line(
            _ANYBODY,
            "Numéro national de prévention du suicide",
            "3114",
            _ALWAYS,
            "https://www.service-public.fr/particuliers/actualites/A15206",
        ),
        _line(
            _VIOLENCE,
            "Violences Femmes Info",
            "3919",
            "",
            "https://mignovillard.fr/mobilisons-nous-pour-lutter-contre-les-violences-conjugales",
        ),
        _line(
            _CHILDREN,
            "Allô enfance en danger",
            "119",
            _ALWAYS,
            "https://www.service-public.gouv.fr/particuliers/actualites/A14455",
        ),
    ),
    "GB": (
        _line(
            _ANYBODY,
            "Samaritans",
            "116 123",
            "",
            "https://www.samaritans.org/how-we-can-help/contact-samaritan/",
        ),
        _line(
            _VIOLENCE,
            "National Domestic Abuse Helpline",
            "0808 2000 247",
            _ALWAYS,
            "https://www.refuge.org.uk/category/news/",
        ),
        _line(_CHILDREN, "Childline", "0800 1111", "", "http://www.childline.org.uk/pages/about.aspx"),
    ),
    "IE": (
        _line(
            _VIOLENCE,
            "Women’s Aid",
            "1800 341 900",
            "",
            _IRELAND + "supporting-a-friend-sinead-desmond-launches-the-wo/",
        ),
        _line(_CHILDREN, "Childline", "1800 66 66 66", _ALWAYS, "https://www.ispcc.ie/2021/02/"),
    ),
    "NL": (
        _line(
            _VIOLENCE,
            "Veilig Thuis",
            "0800-2000",
            _ALWAYS,
            _NETHERLANDS + "wat-moet-ik-doen-bij-huiselijk-geweld",
        ),
    ),
    "NZ": (
        _line(
            _ANYBODY,
            "1737, need to talk?",
            "1737",
            _ALWAYS,
            _NEW_ZEALAND + "phone-counselling-service-busy-following-christchurch-tragedy",
        ),
        _line(
            _VIOLENCE,
            "Women’s Refuge",
            "0800 733 843",
            _ALWAYS,
            "https://womensrefuge.org.nz/get-help/",
        ),
        _line(
            _CHILDREN,
            "Youthline",
            "0800 37 66 33",
            "",
            "http://youthaffairs.govt.nz/news/2012/youthline.html",
        ),
    ),
    "US": (
        _line(
            _ANYBODY,
            "988 Suicide & Crisis Lifeline",
            "988",
            _ALWAYS,
            "https://acf.gov/policy-guidance/access-timely-high-quality-behavioral-health-crisis-care",
        ),
        _line(
            _VIOLENCE,
            "National Domestic Violence Hotline",
            "1-800-799-7233",
            _ALWAYS,
            _UNITED_STATES + "national-domestic-violence-hotline-answers-6-million-contacts",
        ),
        _line(
            _CHILDREN,
            "Childhelp National Child Abuse Hotline",
            "1-800-422-4453",
            _ALWAYS,
            "https://www.childwelfare.gov/topics/responding/reporting/how/",
        ),
    ),
}
