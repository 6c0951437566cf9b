"""Models and predictors of TensorFlow."""
