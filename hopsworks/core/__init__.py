"""Handles for the services of a project, one module each; :class:`hopsworks.project.Project` hands them out."""
