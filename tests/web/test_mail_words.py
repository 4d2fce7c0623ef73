"""The words of mails to clients: the clinic's own, as long as nobody reading along learns anything from them."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from goldseam_web.audit.services import SYSTEM
from goldseam_web.lib.clinical_words import clinical_words
from goldseam_web.measures.mail_state import ASKED, OUTREACH, REMINDER
from goldseam_web.measures.mail_texts import SHIPPED, MailWords, check_mail_words, set_mail_words
from goldseam_web.measures.services import outreach, requests_by_mail
from goldseam_web.outbox.models import Message
from tests.web import people
from tests.web.staff_pages import signed_in, words

pytestmark = pytest.mark.django_db
URL = "/office/mail/words/"
OWN = MailWords("Two minutes for you", "it's Tuesday & your <questions> are here.")


def letter(cast, now, purpose, *, language="en"):
    """The mail about a session of an hour ago, or about going on, as it would leave."""
    who = people.member(cast.individual, "Ruth")
    if purpose == OUTREACH:
        row, room = people.written_to(who, cast.ines, now), outreach
    else:
        encounter = people.meet(cast.individual, cast.ines, now - timedelta(hours=1))
        row, room = people.asked(encounter, who), requests_by_mail
    message = Message(clinic=cast.clinic, purpose=purpose, subject=row.pk, language=language)
    return room._render(message, now)


def sets(cast, now, given, purpose=ASKED):
    set_mail_words(clinic=cast.clinic, purpose=purpose, language="en", words=given, at=now, actor=SYSTEM)


@pytest.mark.parametrize("purpose", [ASKED, REMINDER, OUTREACH])
def test_the_shipped_words_stand_and_tell_nothing(cast, now, purpose):
    sent = letter(cast, now, purpose)
    assert sent.subject == SHIPPED[purpose].subject
    assert SHIPPED[purpose].opening in sent.body
    assert sent.body.startswith("Hello,")
    assert clinical_words(SHIPPED[purpose].subject + SHIPPED[purpose].opening) == []


@pytest.mark.parametrize("purpose", [ASKED, REMINDER, OUTREACH])
def test_the_clinic_s_own_are_sent_as_they_were_written_until_taken_back(cast, now, purpose):
    sets(cast, now, OWN, purpose)
    sent = letter(cast, now, purpose)
    assert (sent.subject, OWN.opening in sent.body) == (OWN.subject, True)
    assert "/c/" in sent.body
    sets(cast, now, None, purpose)
    assert requests_by_mail.words_of_mail(cast.clinic.pk, purpose, language="en") == SHIPPED[purpose]


def test_another_language_and_another_clinic_have_words_of_their_own(cast, now):
    sets(cast, now, OWN)
    assert letter(cast, now, ASKED, language="de").subject == SHIPPED[ASKED].subject
    elsewhere = requests_by_mail.words_of_mail(cast.stranger.clinic_id, ASKED, language="en")
    assert elsewhere == SHIPPED[ASKED]


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        (MailWords("Your therapy", "Hello."), "subject", "“therapy” tells whoever reads along"),
        (MailWords("For you", "How was the session?"), "opening", "“session” tells whoever reads along"),
        (MailWords("For you", "see www.larkfield.example"), "opening", "An address is given"),
        (MailWords("For you", "see larkfield.example/you"), "opening", "An address is given"),
        (MailWords("", "Hello."), "subject", "Nothing given"),
        (MailWords("For you\nBcc: all", "Hello."), "subject", "One line is allowed."),
        (MailWords("For\u2028you", "Hello."), "subject", "One line is allowed."),
        (MailWords("Votre thérapie", "Hello."), "subject", "“thérapie” tells whoever reads along"),
        (MailWords("ＴＨＥＲＡＰＹ", "Hello."), "subject", "“THERAPY” tells whoever reads along"),
        (MailWords("Your thera\u00adpy", "Hello."), "subject", "tells whoever reads along"),
        (MailWords("Your the\u200brapy", "Hello."), "subject", "tells whoever reads along"),
        (MailWords("For you", "x" * 401), "opening", "401 characters given; at most 400 are allowed."),
    ],
)
def test_what_would_tell_is_refused_and_says_why(given, field, says):
    with pytest.raises(ValidationError) as refused:
        check_mail_words(given)
    [fault] = refused.value.message_dict[field]
    assert says in fault


def test_the_page_keeps_them_refuses_and_takes_them_back(cast, now):
    client = signed_in(cast.administrator)
    given = {"purpose": ASKED, "asked-subject": "For you", "asked-opening": "two minutes are enough."}
    assert client.post(URL, given).status_code == 302
    assert letter(cast, now, ASKED).subject == "For you"
    refused = client.post(URL, {**given, "asked-opening": "about your marriage"})
    assert refused.status_code == 400
    assert "“marriage” tells whoever reads along" in words(refused)
    assert client.post(URL, {**given, "act": "shipped"}).status_code == 302
    assert "Take the shipped words" not in words(client.get(URL))
    assert client.post(URL, {"purpose": "raised"}).status_code == 404
