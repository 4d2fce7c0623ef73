"""What the page of one signal and the list of signals show."""
