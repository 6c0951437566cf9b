"""Reading single rows from the online store."""
