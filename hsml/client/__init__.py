"""The exceptions of the client, at their place in ``hsml``."""
