"""What the caseload and the list of supervised cases show."""
