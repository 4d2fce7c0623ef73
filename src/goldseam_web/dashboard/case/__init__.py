"""What the page of one case shows, and opening a case."""
