"""Schemas of model inputs and outputs, column by column or tensor by tensor."""
