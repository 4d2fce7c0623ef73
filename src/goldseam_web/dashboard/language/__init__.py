"""Everything the staff pages say outside their templates, in one place, ready for translation.

A sentence stands here whole, with named places for names, numbers and times; none is put together from clauses. Where
it differs by reader or by what happened, each has a sentence of its own. Which of them is said is decided where a page
is built; what fills their places is in phrases.py and times.py.

==================  ================================================================
caseload_page.py    the caseload and what a row says of a case
case_page.py        the cards of a case: episodes, sessions, progress, released answers
case_chart.py       the chart of a case: the sentence above it, its words, its table
signal_sentences.py a signal in one sentence, on the caseload and in lists
signal_page.py      the page of one alert, and the list of alerts
fair_to_all.py      a low or falling rating of how fair the therapist is to all
home_words.py       what was settled at home as in the meetings
help_options.py     what might help
single_time_words.py who was seen alone, and what is held until then
joint_words.py      what all of them look at together, and what is said before that
session_page.py     planning a session, its links, the therapist's own view
form_texts.py       labels and errors of forms
feedback.py         what a page says back after something was done
status_labels.py    the status vocabulary
==================  ================================================================
"""
