"""The room for what a client asks of somebody outside their case: kept apart from it, read by a named person alone."""
