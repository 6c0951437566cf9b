"""Models and predictors of PyTorch."""
