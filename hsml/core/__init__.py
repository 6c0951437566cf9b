"""Services behind the classes of ``hsml``."""
