"""Schemas of model inputs and outputs, in :mod:`hsml.utils.schema`."""
