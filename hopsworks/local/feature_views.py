"""Feature views."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS feature_views (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  feature_store INTEGER NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (feature_store, name, version)
);
CREATE TABLE IF NOT EXISTS training_datasets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  feature_store INTEGER NOT NULL,
  feature_view INTEGER NOT NULL,
  version INTEGER NOT NULL,
  created INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (feature_view, version)
);
"""
ROUTES = []
