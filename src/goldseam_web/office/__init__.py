"""The door for whoever runs the clinic: set-up, staff, what is asked, what still stops the first client."""
