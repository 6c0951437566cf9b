"""The official client and ours run the same script against the same recording server.

* ``scripts/thread.py`` — the script: public API only, run by either client's interpreter,
* ``official.py`` — finds or makes the environment of the official client (``HOPSWORKS_ORACLE_PYTHON`` names one),
* ``cases/`` — one script of calls a resource, ``scripts/case.py`` runs one,
* ``recorder.py`` — a TLS proxy that writes down every request on its way to the embedded server,
* ``stand_in.py`` — a server that answers as a cluster does what the embedded server does not have,
* ``contract.py``, ``contract.toml`` — what a request may hold: paths, query keys and body keys; anything else fails,
* ``comparison.py``, ``differences.toml`` — masks what must differ between two runs, and lists what differs on purpose,
* ``recordings/`` — what the official client sends, without headers, keys and clocks.

When the embedded server answers differently, the official client may send other bodies, since it echoes much of what it
was told: ``python -m tests.oracle.record`` writes the recordings anew, and the diff says what has changed.
"""
