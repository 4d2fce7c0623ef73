"""What a page says back after something was done, and what was refused."""

STRAIN_NOTED = "Noted: there was strain."
NO_STRAIN_NOTED = "Noted: you see it differently. Your view counts as data."
SESSION_OVER = "The session is over. The links about it are open."
NEW_LINK = "There is a new link. The old one no longer works."
CASE_OPEN_ALREADY = "This case is open already. It was not opened a second time."
SESSION_CORRECTED = "The session is corrected. Links and windows follow."
DAY_AND_START_NEEDED = "Give a day and a start."
