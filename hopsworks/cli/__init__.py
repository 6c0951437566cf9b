"""The command line: ``hopsworks`` and ``hops``."""
