"""The words of who has to agree for a young person, and of what they said."""

from goldseam_web.cases.consent_tables import ConsentAnswer

TOO_YOUNG = (
    "The questions are for people of {age} and over: {name} is asked nothing. A parent can answer about them."
)
AWAITED = "Is asked nothing until every guardian has agreed, too."
NOBODY_NAMED = "Is asked nothing until a guardian is named and has agreed."
BOTH_AGREE = "A guardian has agreed; before the first question {name} is asked too."
DECIDES_ALONE = "Decides without a guardian since {day}."
GROWN_UP = "By the year of birth {name} agrees without a guardian; who was named before is kept here."
NOT_NEEDED = "By what is known here no guardian is needed."

SAYS = {
    "": "Has said nothing yet.",
    ConsentAnswer.GIVEN: "Agreed on {day}, {how}.",
    ConsentAnswer.DECLINED: "Did not agree ({day}, {how}). {name} is asked nothing.",
    ConsentAnswer.WITHDRAWN: "Took it back on {day} ({how}). {name} is asked nothing.",
}
EARLIER_WORDS = "These were earlier words than those in force."

NEEDS_GUARDIAN = (
    "{name} is too young to agree alone. Say who has to agree too; until then {name} is asked nothing."
)
KEPT = "Kept."
NAMED = "{guardian} is named. Print the page for {guardian}, and keep here what was signed."
ENDED = "{guardian} is named no more. What was said stays on record."
AGE_RULE = (
    "Your clinic has set {age} as the age from which somebody agrees alone. In the year in which {age} is reached they "
    "count as younger until its end."
)

PARTS_FOR_GUARDIAN = (
    ("care", "What is asked of {name}"),
    ("feedback", "Who reads it"),
    ("limits", "When it may have to be told further"),
)
BOUNDARY = (
    "What {name} answers is {name}’s own: you are not shown it, nor told whether anything was answered. {name} reads "
    "the same, and says yes or no too. {name} is asked nothing before everybody who has to agree has said yes."
)
WORDS_TO_YOUNG = "These are the words that {name} reads. “You” in them is {name}."
FREE = "It is free to say no: {name} is seen here all the same."
TAKE_BACK = (
    "Tell us, in person or in writing: nothing more is asked of {name}. What was answered before stays in {name}’s "
    "records."
)
REACH = "Questions about this, or to take it back:"
I_AGREE = "I agree that {name} is asked these questions, and that the people above read the answers"
I_DO_NOT = "I do not agree"
