"""Queries and the parts that they are built from: joins, filters and logic."""
