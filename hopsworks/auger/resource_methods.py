"""The methods that follow from the table of resources: ``get_trials``, ``create_project``, and so on.

They are made when this module is imported. ``resource_methods.pyi`` says the same to editors and type checkers;
``./dev generate`` writes it.
"""

from hopsworks.auger.method_maker import define_methods
from hopsworks.auger.resource_table import API_PREFIX, API_SCHEMA


class ResourceMethods:
    """The calls of the Hub that list, show, create, change and delete objects.

    Attributes:
        API_PREFIX (str): Beginning of every path.
        API_SCHEMA (dict): The resources and their verbs, see :mod:`hopsworks.auger.resource_table`. A subclass with
            a table of its own gets the methods of that, too.
    """

    API_PREFIX = API_PREFIX
    API_SCHEMA = API_SCHEMA

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "API_SCHEMA" in vars(cls):
            define_methods(cls, cls.API_SCHEMA)


define_methods(ResourceMethods, API_SCHEMA)
