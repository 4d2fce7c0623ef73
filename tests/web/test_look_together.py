"""The page of all of them at the end: there once each has said yes, and before that no trace of who did.

What is expected follows from the product's rules, by hand.
"""

import random
import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from goldseam_web.alerts.look_back_tables import LookBack, LookBackState
from goldseam_web.alerts.models import Episode
from goldseam_web.alerts.services.look_back_choices import (
    Lines,
    LookBackWords,
    decline_look_back,
    have_after_all,
    keep_words,
    open_together,
    opened_together,
    release_lines,
    take_lines_back,
)
from goldseam_web.audit.models import AuditEntry
from goldseam_web.audit.services import SYSTEM
from goldseam_web.measures.services.own_words import withdraw_own_word
from goldseam_web.measures.services.who_is_asked import member_left, pause_member
from goldseam_web.outbox.models import Message
from tests.web import people
from tests.web.at_the_end import (
    WORDS,
    announced,
    asked,
    bare,
    does,
    field,
    gold,
    link,
    mail_is_safe,
    mended,
    offered,
)
from tests.web.kept_rows import kept
from tests.web.staff_pages import signed_in, words
from tests.web.state_walk import steps_outside, steps_walked, watch_steps
from tests.web.test_joint_view import note, without_marks

pytestmark = pytest.mark.django_db
NOT_THERE = "There is no page of all of you."


@pytest.fixture
@kept
def scene(cast, now):
    return mended(cast, now)


@pytest.fixture
def pages(scene, now):
    """Hers and his, at the end."""
    announced(scene.couple, now)
    return [offered(people.member(scene.couple, name), now) for name in WORDS]


def opens(page, name):
    """Whether all of it stands on the page that their tap leads to."""
    shown = words(does(page, WORDS[name], "open"))
    assert ("Tomas" in shown) != (NOT_THERE in shown)
    return "Tomas" in shown


def lines_of(told="With Ines it got harder.", numbers=(), stayed_open=()):
    return Lines(numbers, (told,), stayed_open)


class TestOpening:
    def test_once_each_has_said_yes_it_opens_for_each_by_their_own_link(self, pages):
        hers, his = pages
        said = words(does(hers, WORDS["Lea"], "yes"))
        assert "You have said yes, with your words as they are now." in said
        assert not opens(hers, "Lea")
        does(his, WORDS["Tomas"], "keep", **{"words-2": "no_days", "stayed_open": ["later"]})
        does(his, WORDS["Tomas"], "yes")
        shown = words(does(hers, WORDS["Lea"], "open"))
        assert re.search(r"Lea With Ines: lowest on [^,]*, mended by", shown)
        assert (
            "Tomas With Ines it got harder, and it was mended. What stayed open Something is left for later"
            in shown
        )
        assert "8.0" not in shown
        assert opens(his, "Tomas")

    def test_what_was_opened_stays_for_all_of_them(self, pages, now):
        hers, his = pages
        for page, name in zip(pages, WORDS, strict=True):
            does(page, WORDS[name], "yes")
        assert opens(hers, "Lea")
        for act in ("no", "decline", "keep"):
            assert "There is nothing to show." in words(does(his, WORDS["Tomas"], act))
        Episode.objects.update(contradicted_at=now)
        assert opened_together(hers) == opened_together(his) != []

    def test_new_words_are_those_of_a_yes_that_stands(self, pages):
        does(pages[0], WORDS["Lea"], "yes")
        does(pages[0], WORDS["Lea"], "keep", **{"words-1": "no_days", "stayed_open": ["not_all_said"]})
        does(pages[1], WORDS["Tomas"], "yes")
        shown = words(does(pages[1], WORDS["Tomas"], "open"))
        assert (
            "Lea With Ines it got harder, and it was mended. What stayed open Not everything was said."
            in shown
        )

    def test_a_yes_is_to_what_was_there_to_be_read(self, pages, scene, now):
        lea = people.member(scene.couple, "Lea")
        mine = field("mine", asked(pages[0], WORDS["Lea"]))
        later = gold(lea, now)
        Client().post(link(pages[0]), {"mine": mine, "act": "yes"})
        does(pages[1], WORDS["Tomas"], "yes")
        assert opens(pages[0], "Lea")
        assert [len(part.lines.mended) for part in opened_together(pages[0])] == [1, 1]
        assert later.number not in opened_together(pages[0])[0].lines.numbers

    @pytest.mark.parametrize(
        ("why", "does_it"),
        [
            ("it was to others", lambda _, now: LookBack.objects.update(with_members=[str(uuid.uuid4())])),
            ("he leaves", lambda s, now: member_left(member=him(s), left=True, at=now, actor=SYSTEM)),
            ("he pauses", lambda s, now: pause_member(member=him(s), paused=True, at=now, actor=SYSTEM)),
            (
                "he has no word and no mailbox",
                lambda s, now: withdraw_own_word(member=him(s), at=now, actor=SYSTEM),
            ),
            ("he could not speak alone", lambda s, now: note(s, "Tomas", "not_yet", now)),
            (
                "it is no more mended to him",
                lambda s, now: Episode.objects.filter(member=him(s)).update(contradicted_at=now),
            ),
        ],
    )
    def test_not_where_a_yes_is_no_more_in_force(self, scene, pages, now, why, does_it):
        for page, name in zip(pages, WORDS, strict=True):
            does(page, WORDS[name], "yes")
        does_it(scene, now)
        assert not opens(pages[0], "Lea"), why
        assert not LookBack.objects.filter(state=LookBackState.OPENED).exists()

    def test_without_a_word_his_mailbox_is_enough_since_a_number_opens_his_page(self, pages, scene, now):
        for page, name in zip(pages, WORDS, strict=True):
            does(page, WORDS[name], "yes")
        withdraw_own_word(member=him(scene), at=now, actor=SYSTEM)
        mail_is_safe(him(scene), now)
        assert opens(pages[0], "Lea")

    def test_who_comes_alone_is_asked_nothing_of_it(self, scene, now):
        announced(scene.individual, now)
        page = offered(people.member(scene.individual, "Ruth"), now)
        assert "all of you" not in words(asked(page, ""))
        does(page, "", "yes")
        assert LookBack.objects.get().state == LookBackState.OFFERED


def him(scene):
    return people.member(scene.couple, "Tomas")


# --- the wall ---------------------------------------------------------------------------------------

STATES = ("not asked", "not released", "declined", "taken back", "held", "nothing mended")


def bring(scene, his, state, now):
    """What Tomas has done by then, or what was not done with him. Lea has said yes; whatever she sees is the same."""
    if state == "not asked":
        his.delete()
    elif state == "declined":
        does(his, WORDS["Tomas"], "decline")
    elif state == "taken back":
        does(his, WORDS["Tomas"], "yes")
        does(his, WORDS["Tomas"], "no")
    elif state == "held":
        does(his, WORDS["Tomas"], "yes")
        note(scene, "Tomas", "no", now)
    elif state == "nothing mended":
        Episode.objects.filter(member=him(scene)).update(client_said_repaired_at=None)


def seen_by_her(scene, hers, room):
    """All that Lea can open, with what opening all of them asks of the database, and what she is written."""
    request = people.asked(
        scene.couple.encounters.filter(state="held").latest("starts_at"), people.member(scene.couple, "Lea")
    )
    shown = [Client().get(link(hers)), Client().post(link(hers)), asked(hers, "not her word")]
    shown += [Client().get(people.link(request) + rest) for rest in ("privacy/", "own/")]
    shown += [asked(hers, WORDS["Lea"]), does(hers, WORDS["Lea"], "keep", stayed_open=["later"])]
    mine = field("mine", asked(hers, WORDS["Lea"]))
    with CaptureQueriesContext(connection) as read:
        shown.append(Client().post(link(hers), {"mine": mine, "act": "open"}))
    statements = [re.sub(r"'[^']*'|\d+|NULL", "?", query["sql"]) for query in read]
    of_staff = [room.get(reverse("dashboard:case", args=[scene.couple.pk]))]
    lea = people.member(scene.couple, "Lea").person
    return (
        [bare(page) for page in shown],
        statements,
        list(Message.objects.filter(person=lea).values_list("purpose", "state")),
        [without_marks(page) for page in of_staff],
    )


def test_what_he_did_or_was_not_asked_is_one_to_her(scene, pages, now):
    """Byte for byte and statement for statement, in one history after another from the same beginning."""
    hers, his = pages
    does(hers, WORDS["Lea"], "yes")
    room, seen = signed_in(scene.ines), {}
    room.post("/room-view/", {"alone": "no"})
    for state in STATES:
        with transaction.atomic():
            bring(scene, LookBack.objects.get(pk=his.pk), state, now)
            seen[state] = seen_by_her(scene, hers, room)
            transaction.set_rollback(True)
    first = seen["not released"]
    assert [status for status, _ in first[0]].count(200) == len(first[0]), "there is something to compare"
    assert NOT_THERE in first[0][-1][1]
    for state in STATES:
        for part, (found, usual) in enumerate(zip(seen[state], first, strict=True)):
            # In the room two pages speak of strain of his that was mended or was not; who looks there is with him.
            assert (part == 3 and state == "nothing mended") or found == usual, (state, part)


def test_no_record_tells_a_yes_from_looking(pages):
    asked(pages[1], WORDS["Tomas"])
    looked = AuditEntry.objects.order_by("pk").values_list("action", "object_id", "details").last()
    count = AuditEntry.objects.count()
    for act in ("yes", "no", "open", "keep", "decline"):
        does(pages[1], WORDS["Tomas"], act)
    entries = AuditEntry.objects.order_by("pk").values_list("action", "object_id", "details")
    assert set(map(str, entries[count:])) == {str(looked)}


# --- by lot -----------------------------------------------------------------------------------------

ACTS = {
    "yes": 4, "no": 2, "keep": 2, "decline": 2, "after all": 3, "open": 6, "all in time": 3,
    "leave": 1, "back": 2, "safety": 1, "safe": 2, "doubt": 1, "sure": 2,
}  # fmt: skip
ALL_IN_TIME = ("back", "safe", "sure", "no", "after all", "yes")


class Rule:
    """What must hold, from the acts alone. A yes is to everybody who took part when it was said."""

    def __init__(self):
        self.state, self.yes = dict.fromkeys(WORDS, "offered"), {}
        self.present, self.safe, self.gold = set(WORDS), set(WORDS), set(WORDS)

    def may_open(self):
        in_force = all(self.yes.get(name) == self.present for name in self.present)
        return in_force and len(self.present) > 1 and self.safe >= self.present and self.gold >= self.present

    def does(self, act, name):
        """Whether it did something: for opening, whether there is something to see."""
        state = self.state[name]
        if act in ("leave", "back"):
            (self.present.discard if act == "leave" else self.present.add)(name)
        elif act in ("safety", "safe"):
            (self.safe.discard if act == "safety" else self.safe.add)(name)
        elif act in ("doubt", "sure"):
            (self.gold.discard if act == "doubt" else self.gold.add)(name)
        elif act == "open":
            if state == "released" and self.may_open():
                for one in self.present:
                    self.state[one] = "opened"
                    self.yes.pop(one)
            return self.state[name] == "opened"
        else:
            after = {
                "yes": {"offered": "released"},
                "no": {"released": "offered"},
                "keep": {"offered": "offered", "released": "released"},
                "decline": {"offered": "declined", "released": "declined"},
                "after all": {"declined": "offered"},
            }[act].get(state)
            if after is None:
                return False
            self.state[name] = after
            if act == "yes":
                self.yes[name] = set(self.present)
            elif after != "released":
                self.yes.pop(name, None)
        return True


@pytest.mark.parametrize("seed", [1])
def test_lived_through_by_lot_it_opens_only_with_everybodys_yes_in_force(scene, pages, now, seed):
    """Acts of both in any order, held against a rule of a few lines that asks nothing of the application.

    The database itself writes down each step of the state.
    """
    watch_steps()
    chance, rule, opened, seconds = random.Random(seed), Rule(), 0, 0
    for _ in range(60):
        drawn, one = chance.choices(list(ACTS), list(ACTS.values()))[0], chance.choice(list(WORDS))
        # What each does by itself is seldom done by all in time.
        acts = (
            [(act, name) for act in ALL_IN_TIME for name in WORDS]
            if drawn == "all in time"
            else [(drawn, one)]
        )
        for act, name in acts:
            if not possible(rule, act, name):
                continue
            seconds += 1
            did = do(scene, act, name, now + timedelta(seconds=seconds))
            assert did == rule.does(act, name), (seconds, act, name)
            states = LookBack.objects.filter(member__case=scene.couple).order_by("member__position")
            assert dict(zip(WORDS, states.values_list("state", flat=True), strict=True)) == rule.state
        if "opened" in rule.state.values():
            opened += 1
            rule.state = dict.fromkeys(WORDS, "offered")
            states.delete()
            for who in scene.couple.members.all():
                offered(who, now + timedelta(seconds=seconds))
    assert opened > 0
    assert steps_outside(steps_walked()) == []


def possible(rule, act, name):
    """One of them leaves at a time, and who has left does nothing but come back."""
    if act == "leave":
        return rule.present == set(WORDS)
    return (name in rule.present) != (act == "back")


def do(scene, act, name, at):
    """Whether it did something, by the services."""
    who = people.member(scene.couple, name)
    page = LookBack.objects.select_related("member").get(member=who)
    numbers = tuple(Episode.objects.filter(member=who).values_list("number", flat=True))
    if act in ("leave", "back"):
        member_left(member=who, left=act == "leave", at=at, actor=SYSTEM)
    elif act in ("safety", "safe"):
        note(scene, name, "yes" if act == "safe" else "not_yet", at)
    elif act in ("doubt", "sure"):
        Episode.objects.filter(member=who).update(contradicted_at=at if act == "doubt" else None)
    else:
        return does_on_page(act, page, lines_of(numbers=numbers), at)
    return True


def does_on_page(act, page, lines, at):
    by = {"no": take_lines_back, "decline": decline_look_back, "after all": have_after_all}
    if act == "yes":
        return release_lines(page=page, lines=lines, opened_at=at)
    if act == "keep":
        return keep_words(page=page, words=LookBackWords(), lines=lines, opened_at=at)
    return (
        open_together(page=page, opened_at=at, at=at) if act == "open" else by[act](page=page, opened_at=at)
    )
