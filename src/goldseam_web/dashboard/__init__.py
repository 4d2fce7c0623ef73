"""The door for staff: caseload, case, signal, encounter. Parse, one call, render."""
