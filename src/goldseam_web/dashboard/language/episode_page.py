"""The words of an episode's page: what can be noted in one tap, and by whom it is read."""

from goldseam_web.dashboard.language.phrases import ByReader

# ---------- what can be noted ----------

TITLES = {
    "antecedent": "What came before it",
    "contribution": "Whose part, as far as you can say",
    "manner": "How it showed",
}
TRIED_IN = "What you tried in {session}"
WORK_TEXTS = {
    "antecedent": {
        "harder_material": "Harder material",
        "pushed": "I pushed for something",
        "misunderstanding": "A misunderstanding",
        "time_or_place": "Change of time or place",
        "away_or_late": "I was away or late",
        "outside": "Something outside",
        "unknown": "I don’t know",
    },
    "contribution": {
        "therapists_step": "Mostly a step of mine",
        "step_too_early": "A needed step, too early",
        "both": "Both of us",
        "outside": "Something outside",
        "unknown": "Not clear yet",
    },
    "manner": {
        "withdrawal": "Pulled back",
        "confrontation": "Spoke up against something",
        "mixed": "Both",
        "unknown": "Not clear",
    },
    "tried": {
        "asked": "Asked about it",
        "listened": "Listened first",
        "own_part": "Owned my part",
        "clarified_goal": "Clarified the goal",
        "changed_task": "Changed what we do",
        "linked_to_pattern": "Linked it to a pattern",
        "left_for_now": "Left it for now",
    },
}
# The same as somebody else reads it, after the author's name.
NOTED_BY = "{author}: “{what}”"
NOTED_IN_BY = "{author}, {session}: “{what}”"
SAVED = "Noted: {what}."
TAKEN_BACK = "Taken back: {what}."
NOTE_KEPT = "The note is kept. Nobody else reads it."
READERS_KEPT = "Kept: who may read what you note here by tap."
NOTED_BY_HAND = "Noted. It stands on the case’s page until you say that it is over."
STANDS_ALREADY = "You noted this already; here it is."
ENDED = {
    "repaired": "Noted as mended in your view. It is called repaired once the client says so.",
    "unrepaired": "Noted as over and not mended.",
    "open": "Open again.",
    "withdrawn": "Taken back: it was a mistake.",
}

# ---------- the head ----------

CRUMB = "{name}, from {session}"
SEEN_BY_HAND = ByReader(
    "You saw strain with {name} in {session}, and noted it by hand.",
    "{therapist} saw strain with {name} in {session}, and noted it by hand.",
)
SESSION_OF = "the session of {day}"

# ---------- from the answer to the mending ----------

LOOKED = ByReader("You looked", "{who} looked")
LOOKED_AFTER = "{length} after the session ended."
LOOKED_BEFORE_END = "During the session."
TAKEN_UP = {
    "mended": "After {session} {name} said that what felt off was taken up, and that it is all right between you.",
    "partly": "After {session} {name} said that what felt off was taken up, and that it is not quite all right.",
    "not_taken_up": "After {session} {name} said that what felt off was not taken up yet.",
}
MENDED = {
    "understand_better": "After {session} {name} said of it: “We understand each other better.”",
    "did_differently": "After {session} {name} said of it: “I did something differently.”",
}
TRIED = ByReader("You tried", "{who} tried")

# ---------- what was tried before repairs that held ----------

OUTCOMES_TOO_FEW = (
    "Shown from ten confirmed strains that are over and on which somebody noted what they tried, and not where it "
    "would be about one other therapist; so far: {count}."
)
OUTCOMES = (
    "Of {count} confirmed strains that are over and on which something was noted, {held} were repaired and held: "
    "{share:.0%} (interval {low:.0%} to {high:.0%})."
)
OUTCOMES_BESIDE = "Of {count} with nothing noted it was {share:.0%} (interval {low:.0%} to {high:.0%})."
OUTCOMES_ALONE = "There are too few with nothing noted to set beside it."
NOTHING_NOTED = "Nothing noted"
HELD_OF = "{held} of {count}"
SHARE = "{share:.0%}"
INTERVAL = "{low:.0%} to {high:.0%}"

# ---------- opened by hand ----------

SESSION_OPTION = "{session}, {day}"
CHOOSE_BOTH = "Choose the person and the session."
