"""What a channel may say went wrong."""


class PermanentError(Exception):
    """Trying again makes no sense. Every other exception is taken to be passing."""
