"""What callers need from the transport: its exceptions, in :mod:`hopsworks.client.exceptions`."""
