"""Services behind the classes of ``hsfs``."""
