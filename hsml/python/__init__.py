"""Models and predictors of any Python code."""
