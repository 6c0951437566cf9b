"""What works between this machine and a Hopsworks cluster: the checks of :func:`hopsworks.diagnose`.

``run.py`` carries the checks out, side by side and each with a deadline of its own; ``report.py`` holds what they found.
One module a service: ``rest.py``, ``kafka.py``, ``query_service.py``, ``online_store.py``. They ask the REST interface
through the core and open plain sockets (``probe.py``) to the other services, whose client libraries need not be there.
"""
