"""Models and predictors of scikit-learn."""
