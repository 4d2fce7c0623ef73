"""A therapist's own figures: how often findings are right with them, and how much is missed."""
