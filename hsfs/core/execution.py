"""The place of :class:`hopsworks.execution.Execution` in ``hsfs``."""

from hopsworks.execution import Execution

__all__ = ["Execution"]
