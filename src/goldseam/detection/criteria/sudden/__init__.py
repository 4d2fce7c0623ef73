"""Sudden gains, sudden losses and sudden drops: changes from one session to the next that are large in several ways."""
