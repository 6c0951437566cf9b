"""How files of a git repository differ from the commit that is checked out."""

from hopsworks._native import GitFileStatus

__all__ = ["GitFileStatus"]
