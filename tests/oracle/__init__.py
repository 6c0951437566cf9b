"""The official client and ours run the same script against the same recording server.

* ``official.py`` — finds or makes the environment of the official client,
* ``recorder.py`` — a TLS proxy that writes down every request on its way to the embedded server,
* ``contract.py`` — what a request may hold: paths, query keys and body keys,
* ``comparison.py`` — masks what must differ and compares the rest,
* ``scripts/thread.py`` — the script: public API only, run by either client's interpreter.
"""
