"""The made-up people of Larkfield. Any likeness to a living person is chance."""

from dataclasses import replace
from datetime import time

from goldseam_web.accounts.client_contact import ClientContact
from goldseam_web.accounts.crisis_line_table import HelpNumber
from goldseam_web.accounts.models import LineKind, Role
from goldseam_web.cases.models import Idea
from goldseam_web.demo.seed.case_plans import (
    DRAWN,
    CasePlan,
    RatingCourse,
    StrainAnswer,
    couple,
    family,
    individual,
)
from goldseam_web.measures.models import Audience

INES, BEN, SOFIA, MIRA = "Ines Okafor", "Ben Adeyemi", "Sofia Marchetti", "Mira Castell"
SUPERVISOR, ADMINISTRATOR = "Marta Lind", "Piet Vermeer"
IN_TRAINING = MIRA
# Who stands in for whom; Sofia is away today.
COVERS = {INES: BEN, BEN: INES, SOFIA: BEN, MIRA: INES}
# By weekday, Monday 0.
OPEN_HOURS = {**dict.fromkeys(range(5), (time(8), time(18))), 5: (time(9), time(13))}
ESCALATED_AFTER_HOURS = 24
AWAY = SOFIA
# The client who has called off what lay ahead.
STAYS_AWAY = "Novak"
STAFF: dict[str, tuple[Role, ...]] = {
    INES: (Role.THERAPIST,),
    BEN: (Role.THERAPIST,),
    SOFIA: (Role.THERAPIST,),
    MIRA: (Role.THERAPIST,),
    SUPERVISOR: (Role.SUPERVISOR,),
    ADMINISTRATOR: (Role.ADMINISTRATOR,),
}
CONTACT = ClientContact("555 0140", "desk@larkfield.example", "Weekdays, 9:00 to 16:00 (made up)")
PROCEDURE = "See each alone, ask what they need to be safe, and call Safe at home together (made up)."
LINES = (
    HelpNumber("Larkfield, out of hours (made up)", "555 0142", "Every night, 18:00 to 8:00"),
    HelpNumber("Emergency services", "112 or 911", "Day and night"),
    HelpNumber("Safe at home (made up)", "555 0143", "Day and night", LineKind.DOMESTIC_VIOLENCE),
    HelpNumber("Young people (made up)", "555 0144", "Day and night", LineKind.CHILDREN),
)

STEADY_COURSE = RatingCourse(level=8.0, spread=0.4)

# The case to play: a steady history, a session that ended an hour ago, and a link for each of the two.
TO_PLAY = couple(
    INES,
    ("Lea", "Tomas"),
    "Brandt",
    8,
    (
        RatingCourse(level=8.2, spread=0.4, unanswered=frozenset({8})),
        RatingCourse(level=7.4, spread=0.5, unanswered=frozenset({8})),
    ),
    just_ended=True,
)

# One case for each thing the pages can say.
OPEN_NOT_SEEN = individual(
    INES, "Marcus", "Hale", 9, RatingCourse(level=8.0, spread=0.5, dip=9), hour=16, looks=False
)
OPEN_ACKNOWLEDGED = couple(
    INES,
    ("Elif", "Can"),
    "Demir",
    10,
    (
        RatingCourse(
            level=8.3,
            spread=0.5,
            dip=8,
            depth_sd=7.0,
            lasting=None,
            says={8: StrainAnswer("little", "not_yet")},
        ),
        RatingCourse(level=7.6, spread=0.6, away=frozenset({4})),
    ),
    days_ago=2,
    hour=9,
)
REPAIRED_CASE = individual(
    INES,
    "Hana",
    "Kovář",
    12,
    RatingCourse(
        level=8.1,
        spread=0.4,
        dip=8,
        lasting=2,
        says={
            8: StrainAnswer("little", "not_yet"),
            9: StrainAnswer("little", "partly"),
            10: StrainAnswer("little", "yes"),
        },
    ),
    days_ago=3,
    hour=11,
)
BACK_IN_RANGE_CASE = individual(
    INES, "Jonas", "Adler", 11, RatingCourse(level=7.9, spread=0.4, dip=9, depth_sd=9.0), days_ago=4, hour=14
)
LOW_FROM_THE_START = individual(
    INES,
    "Finn",
    "Weber",
    5,
    RatingCourse(level=3.6, spread=0.5),
    idea=Idea.SOMEONE_ELSE,
    days_ago=2,
    hour=15,
)
ASKED_TO_TALK = individual(
    INES,
    "Marguerite",
    "Osei",
    5,
    RatingCourse(level=7.2, spread=0.4, says={5: StrainAnswer("clearly", "not_yet", Audience.THERAPIST)}),
    hour=17,
    looks=False,
)
FAMILY_OF_FOUR = family(
    INES,
    {
        "Karin": RatingCourse(level=8.4, spread=0.5),
        "Erik": RatingCourse(level=7.6, spread=0.6, away=frozenset({3, 6})),
    },
    {
        "Nils": RatingCourse(level=6.6, spread=0.5, dip=8, lasting=None, depth_sd=4.0),
        "Freja": RatingCourse(level=7.8, spread=0.6, unanswered=frozenset({5})),
    },
    "Lindqvist",
    9,
    days_ago=4,
    hour=10,
)
SLOW_EROSION = individual(
    INES, "Priya", "Raman", 13, RatingCourse(level=9.0, spread=0.35, drift=-0.3), days_ago=3, hour=9
)
STRAIN_BETWEEN_CASE = couple(
    INES,
    ("Claire", "Luc"),
    "Moreau",
    8,
    (RatingCourse(level=8.0, spread=0.4, within_dip=8), RatingCourse(level=8.2, spread=0.4)),
    days_ago=2,
    hour=13,
)
GOALS_APART_CASE = couple(
    INES,
    ("Sanna", "Mikael"),
    "Virtanen",
    6,
    (RatingCourse(level=8.1, spread=0.4, goals_apart=6), RatingCourse(level=7.9, spread=0.4)),
    days_ago=3,
    hour=14,
)
WAITING_CASE = individual(
    INES, "Petra", "Novak", 7, RatingCourse(level=7.8, spread=0.5, unanswered=frozenset({6, 7})), hour=12
)
# Ines and Ben hold their sessions together; each form names one of the two.
WAITING_COUPLE = replace(
    couple(
        INES,
        ("Rui", "Ana"),
        "Silva",
        8,
        (
            RatingCourse(level=8.1, spread=0.5, unanswered=frozenset({8})),
            RatingCourse(level=7.7, spread=0.5, unanswered=frozenset({8})),
        ),
        hour=8,
    ),
    beside=BEN,
)
NOT_ENOUGH_DATA = individual(
    INES,
    "Ngozi",
    "Achebe",
    3,
    RatingCourse(level=8.0, spread=0.4, unanswered=frozenset({2})),
    days_ago=3,
    hour=16,
)
NEW = individual(INES, "Kenji", "Tanaka", 3, STEADY_COURSE, days_ago=5, hour=11)
GROWING_CASE = individual(
    INES, "Signe", "Larsen", 16, RatingCourse(level=6.4, spread=0.4, drift=0.15), days_ago=5, hour=14
)

INES_CASES = (
    TO_PLAY,
    OPEN_NOT_SEEN,
    OPEN_ACKNOWLEDGED,
    REPAIRED_CASE,
    BACK_IN_RANGE_CASE,
    LOW_FROM_THE_START,
    ASKED_TO_TALK,
    FAMILY_OF_FOUR,
    SLOW_EROSION,
    STRAIN_BETWEEN_CASE,
    GOALS_APART_CASE,
    WAITING_CASE,
    WAITING_COUPLE,
    NOT_ENOUGH_DATA,
    NEW,
    GROWING_CASE,
)

# The colleagues' cases are left to the simulation: what they hold is what chance and the model give.
BEN_CASES = (
    individual(BEN, "Tariq", "Aziz", 6, days_ago=1, hour=9),
    individual(BEN, "Ingrid", "Solberg", 9, days_ago=2, hour=10),
    individual(BEN, "Mateus", "Rocha", 4, days_ago=3, hour=11),
    couple(BEN, ("Yuki", "Daniel"), "Morgan", 6, days_ago=1, hour=13),
    individual(BEN, "Aoife", "Brennan", 7, days_ago=4, hour=9),
    couple(BEN, ("Nadia", "Samir"), "Haddad", 5, days_ago=2, hour=15),
    family(BEN, {"Grace": DRAWN, "Emeka": DRAWN}, {"Chidi": DRAWN}, "Obi", 5, days_ago=3, hour=14),
    individual(BEN, "Elena", "Petrova", 8, days_ago=1, hour=16, confirms=True),
    couple(BEN, ("Owen", "Rhys"), "Davies", 6, days_ago=4, hour=12),
    individual(BEN, "Hiroshi", "Sato", 7, days_ago=5, hour=10),
)
# In training: what is found in her cases waits for her and for Marta at once.
IN_TRAINING_NOT_SEEN = individual(
    MIRA, "Zanele", "Dube", 6, RatingCourse(level=7.9, spread=0.4, dip=6), hour=15, looks=False
)
MIRA_CASES = (
    replace(IN_TRAINING_NOT_SEEN, tells=True),
    individual(MIRA, "Lukas", "Baumann", 3, days_ago=5, hour=16),
    individual(MIRA, "Camille", "Fontaine", 3, days_ago=2, hour=9),
)
SOFIA_CASES = (
    couple(SOFIA, ("Maya", "Jordan"), "Reyes", 7, days_ago=1, hour=10),
    individual(SOFIA, "Anselm", "Vogt", 8, days_ago=2, hour=11),
    individual(SOFIA, "Leila", "Farouk", 4, days_ago=3, hour=9),
    family(SOFIA, {"Teresa": DRAWN}, {"Marco": DRAWN, "Giulia": DRAWN}, "Conti", 5, days_ago=2, hour=16),
    individual(SOFIA, "Pavel", "Horák", 18, days_ago=4, hour=13),
    couple(SOFIA, ("Amara", "Kwame"), "Mensah", 4, days_ago=5, hour=9),
    individual(SOFIA, "Bridget", "Kelly", 6, days_ago=1, hour=14),
    individual(SOFIA, "Arjun", "Mehta", 5, days_ago=3, hour=12),
    couple(SOFIA, ("Eva", "Stefan"), "Lindner", 3, days_ago=4, hour=15),
    individual(SOFIA, "Noor", "Rahman", 7, days_ago=5, hour=11),
    individual(SOFIA, "Tomasz", "Wolski", 4, days_ago=2, hour=17),
)

CASE_PLANS: tuple[CasePlan, ...] = (
    *(replace(plan, in_full=True) for plan in INES_CASES),
    *BEN_CASES,
    *SOFIA_CASES,
    *MIRA_CASES,
)
