"""The words of what happened beside the scores."""

ONLY_YOU = "read by you alone"
SHARED_BY_YOU = "by you, read by everybody who treats this case"
SHARED_BY = "by {name}"
DAY_NEEDED = "Give the day on which it happened."
CHOOSE_WHO_READS = "Say who reads it: you alone, or everybody who treats this case."
WRITTEN = "Noted."
TAKEN_BACK = "Taken back; its words are gone."
