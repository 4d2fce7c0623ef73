"""The appointments of a case: all of them, and what did not take place."""
