"""The embedded server: a Hopsworks-compatible service for one machine and one user.

``hopsworks.login(host="local")`` starts it when it is first needed. It is a process of its own, one
per data folder, reached over a Unix socket, and it speaks the REST protocol of a cluster.

``lifecycle`` is the client's side (find, start, stop); ``server`` is the process; ``app`` routes
requests to the modules that each serve one area. Nothing is imported here, so that a client which
only looks for a running server pays for nothing else.
"""
