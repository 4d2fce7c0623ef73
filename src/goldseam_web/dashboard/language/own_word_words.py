"""The words of the page on which a word is chosen with a client for their own answers."""

NO_WORD = "No word."
HAS_WORD = "A word was chosen on {day}."
CHOSEN = "Kept. The word of {name} is shown nowhere, and opens only what {name} answered."
WITHDRAWN = "The word of {name} opens nothing any more."
NO_SUCH_ACT = "Choose what is to be done, and for whom."
