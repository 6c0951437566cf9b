"""Models and predictors of large language models."""
