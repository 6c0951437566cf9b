"""The model registry of a project: making, finding and sorting models."""

from __future__ import annotations

import math

from hopsworks.client.exceptions import ModelRegistryException
from hopsworks.homer import replacement
from hopsworks.homer.errors import (
    HomerError,
    InvalidModelError,
    ModelNotFoundError,
    RegistryAccessError,
    failures,
)
from hopsworks.homer.flavors import DEFAULT, Flavor, checked_meta_graph_tags, find_flavor
from hopsworks.homer.model import Model, _Given, check_await_registration
from hopsworks.tag import tag_list
from hsml.core.frameworks import model_class
from hsml.core.model_save import check_metrics, check_name, checked_version
from hsml.core.project_files import ProjectFiles
from hsml.model_registry import get_model_registry

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    import os
    from typing import Any

    from hopsworks.homer.signature import ModelSignature
    from hopsworks.session import ProjectSession
    from hsml.model_registry import ModelRegistry as Registry

_DIRECTIONS = {"asc": False, "desc": True, "min": False, "max": True}


class FlavorModels:
    """Makes models of one flavour; what ``mr.sklearn`` and the others are.

    Parameters:
        registry (ModelRegistry): The registry.
        flavor (Flavor): The flavour.
    """

    __slots__ = ("_flavor", "_registry")

    def __init__(self, registry: ModelRegistry, flavor: Flavor) -> None:
        self._registry = registry
        self._flavor = flavor

    def create_model(
        self,
        name: str,
        version: int | None = None,
        model_path: str | os.PathLike[str] | None = None,
        overwrite: bool = False,
        metrics: dict[str, Any] | None = None,
        description: str | None = None,
        await_registration: float = 300,
        project: str | None = None,
        *,
        signature: ModelSignature | tuple[Any, Any] | None = None,
        input_example: Any = None,
        tf_meta_graph_tags: list[str] | None = None,
        flavor_options: dict[str, Any] | None = None,
        tags: Any = None,
    ) -> Model:
        """Make a model of this flavour; see :meth:`ModelRegistry.create_model`, which describes the parameters.

        Returns:
            Model: The model.

        Example:
            ```python
            model = mr.sklearn.create_model("mnist", metrics={"accuracy": 0.9})
            model.save("model_folder")
            ```
        """
        return self._registry.create_model(
            name,
            version,
            model_path,
            overwrite,
            metrics,
            description,
            await_registration,
            project,
            flavor=self._flavor.name,
            signature=signature,
            input_example=input_example,
            tf_meta_graph_tags=tf_meta_graph_tags,
            flavor_options=flavor_options,
            tags=tags,
        )

    def __repr__(self) -> str:
        return f"FlavorModels({self._flavor.name!r})"


def _flavor(name: str) -> FlavorModels:
    """An attribute of registries; to type checkers it is what it gives."""
    flavor = find_flavor(name)
    made: Any = property(
        lambda self: FlavorModels(self, flavor), doc=f"Makes models of flavour '{flavor.name}'."
    )
    return made


class ModelRegistry:
    """The model registry of one project; made by ``connection.get_model_registry()``.

    Parameters:
        session: Session of the connected project.
        project (str | None): Project that owns the registry; None for the connected one.

    Example:
        ```python
        import homer

        with homer.connection(host="local", project="local") as connection:
            mr = connection.get_model_registry()
            best = mr.get_best_model("mnist", "accuracy")
        ```
    """

    python_function = _flavor("python_function")
    python = _flavor("python")
    crate = _flavor("crate")
    h2o = _flavor("h2o")
    keras = _flavor("keras")
    mleap = _flavor("mleap")
    pytorch = _flavor("pytorch")
    torch = _flavor("torch")
    sklearn = _flavor("sklearn")
    spark = _flavor("spark")
    tensorflow = _flavor("tensorflow")
    onnx = _flavor("onnx")
    gluon = _flavor("gluon")
    xgboost = _flavor("xgboost")
    lightgbm = _flavor("lightgbm")
    catboost = _flavor("catboost")
    spacy = _flavor("spacy")
    fastai = _flavor("fastai")
    statsmodels = _flavor("statsmodels")

    def __init__(self, session: ProjectSession, project: str | None = None) -> None:
        self._session = session
        self._owner: str = project or session.project_name or ""
        self._found: Registry | None = None

    @property
    def project_name(self) -> str:
        """Project that owns the registry."""
        return self._owner

    # --- making ---------------------------------------------------------------------------------------------------

    def create_model(
        self,
        name: str,
        version: int | None = None,
        model_path: str | os.PathLike[str] | None = None,
        overwrite: bool = False,
        metrics: dict[str, Any] | None = None,
        description: str | None = None,
        await_registration: float = 300,
        project: str | None = None,
        *,
        flavor: str = DEFAULT,
        signature: ModelSignature | tuple[Any, Any] | None = None,
        input_example: Any = None,
        tf_meta_graph_tags: list[str] | None = None,
        flavor_options: dict[str, Any] | None = None,
        tags: Any = None,
    ) -> Model:
        """Make a model. With a path it is saved at once; without one nothing is sent before ``save()``.

        Parameters:
            name (str): Name of the model: letters, digits and underscores.
            version (int | None): Version; None takes the next free one.
            model_path: Folder with the files, or one file: a local path, or one in the project's file system.
            overwrite (bool): Whether an existing version is replaced, once the new one is complete. Of no effect
                without a version.
            metrics (dict | None): Evaluation metrics, number by name; stored as floats.
            description (str | None): What the model is for.
            await_registration (float): Longest wait for the registry to show the version, in seconds; 0 does not wait.
            project (str | None): Project whose registry receives the model, shared with the connected one.
            flavor (str): Kind of the model, for example ``"sklearn"``; see docs/homer.md for all.
            signature: A :class:`~hopsworks.homer.ModelSignature`, or a pair of input and output data to infer it of.
            input_example: One or several valid inputs: a pandas DataFrame or Series, a numpy array, bytes, a list, tuple,
                dict or scalar.
            tf_meta_graph_tags (list[str] | None): Of TensorFlow and Keras: tags of the meta graph; ``["serve"]`` by
                default where TensorFlow has a ``saved_model.pb``.
            flavor_options (dict | None): JSON values to keep with the model. ``{"validate": False}`` saves files that do
                not look like the flavour.
            tags: A :class:`~homer.Tag`, a dict with ``name`` and ``value``, a list of either, or a dict of values by
                name, as ``get_tags()`` returns it.

        Returns:
            Model: The model; registered when there was a path.

        Raises:
            InvalidModelError: If name, flavour, options or files are not allowed; also a ValueError.
            TypeError: If an argument is of another type.
            ValueError: If a metric is not a number, or the input example is empty.
            ModelExistsError: If the version exists and ``overwrite`` is not set.
            RegistryAccessError: If the registry of ``project`` is not shared with the connected project.
            RegistrationTimeoutError: If the version does not become visible in time; it is registered all the same.
            HomerError: If the server refuses a request.

        Example:
            ```python
            mr.create_model("mnist", 1, "model_folder", metrics={"accuracy": 0.9})
            ```
        """
        with_name = _checked_name(name)
        kind = find_flavor(flavor)
        number = _checked_version(name, version)
        check_metrics(metrics)
        if description is not None and not isinstance(description, str):
            raise TypeError(f"description is of type {type(description).__name__}. Pass a text.")
        check_await_registration(await_registration)
        given = _Given(
            await_registration=await_registration,
            example=_encoded(input_example),
            flavor=kind,
            flavor_options=_checked_options(flavor_options),
            input_example=input_example,
            model_path=model_path,
            overwrite=bool(overwrite),
            signature=_checked_signature(signature),
            tags=_checked_tags(tags),
            tf_meta_graph_tags=checked_meta_graph_tags(kind, tf_meta_graph_tags),
            version=number,
        )
        record = model_class(kind.framework)(
            id=None,
            name=with_name,
            version=number,
            description=description,
            metrics=None if metrics is None else {key: float(v) for key, v in metrics.items()},
        )
        model = Model(self._of(project), record, given)
        return model if model_path is None else model.save()

    # --- finding --------------------------------------------------------------------------------------------------

    def get_model(self, name: str, version: int | None = None, project: str | None = None) -> Model:
        """Get a version of a model.

        Parameters:
            name (str): Name of the model.
            version (int | None): Version; None takes the highest one.
            project (str | None): Project that owns the registry, shared with the connected one.

        Returns:
            Model: The model.

        Raises:
            ModelNotFoundError: If there is no such version.
            RegistryAccessError: If the registry is not shared.
            HomerError: If the server refuses a request.

        Example:
            ```python
            model = mr.get_model("mnist")
            model.version, model.metrics
            ```
        """
        _checked_name(name)
        number = _checked_version(name, version, "the highest one")
        registry = self._of(project)
        what = f"model '{name}'" + ("" if number is None else f" version {number}")
        found = registry._find(name, number, what)
        if found is None and registry._recover(name, number, what):
            found = registry._find(name, number, what)
        if found is None:
            raise ModelNotFoundError(
                f"There is no {what} in the registry of project '{registry._owner}'. "
                f"get_models('{name}') lists its versions, get_models() all models."
            )
        return found

    def has_model(self, name: str, version: int | None = None, project: str | None = None) -> bool:
        """Whether there is a version of a model.

        Parameters:
            name (str): Name of the model.
            version (int | None): Version; None for any.
            project (str | None): Project that owns the registry, shared with the connected one.

        Returns:
            bool: The answer.

        Raises:
            RegistryAccessError: If the registry is not shared.
            HomerError: If the server refuses a request.

        Example:
            ```python
            if not mr.has_model("mnist", 1):
                mr.create_model("mnist", 1, "model_folder")
            ```
        """
        try:
            self.get_model(name, version, project)
        except ModelNotFoundError:
            return False
        return True

    def get_models(
        self,
        name: str | None = None,
        sort_key: str | None = None,
        direction: str = "desc",
        project: str | None = None,
    ) -> list[Model]:
        """Get the versions of a model, sorted.

        Parameters:
            name (str | None): Name of the model; None for all models.
            sort_key (str | None): Name of a metric, or ``"version"``, ``"created"`` or ``"name"``; None for the version.
            direction (str): ``"desc"`` (or ``"max"``) or ``"asc"`` (or ``"min"``). Versions without the metric come last
                in both; among equal ones the higher version comes first.
            project (str | None): Project that owns the registry, shared with the connected one.

        Returns:
            list[Model]: The versions; empty when there is none. A warning tells when no version has the metric.

        Raises:
            ValueError: If the direction is another word.
            RegistryAccessError: If the registry is not shared.
            HomerError: If the server refuses the request.

        Example:
            ```python
            best = mr.get_models("mnist", sort_key="accuracy")[0]
            ```
        """
        if name is not None:
            _checked_name(name)
        if sort_key is not None and not isinstance(sort_key, str):
            raise TypeError(
                f"sort_key is of type {type(sort_key).__name__}. Pass the name of a metric, 'version', 'created' or 'name'."
            )
        descending = _descending(direction)
        found = self._of(project)._list(name, sort_key, descending)
        _warn_of_metric(found, sort_key, name)
        return found

    def get_best_model(
        self, name: str, metric: str, direction: str = "max", project: str | None = None
    ) -> Model | None:
        """Get the version of a model with the best value of a metric.

        Parameters:
            name (str): Name of the model.
            metric (str): Name of the metric.
            direction (str): ``"max"`` or ``"min"``: which values are better.
            project (str | None): Project that owns the registry, shared with the connected one.

        Returns:
            Model | None: The best version; None when no version has the metric, with a warning.

        Raises:
            ValueError: If the direction is another word.
            RegistryAccessError: If the registry is not shared.
            HomerError: If the server refuses the request.

        Example:
            ```python
            best = mr.get_best_model("mnist", "loss", "min")
            ```
        """
        found = self.get_models(name, metric, direction, project)
        return found[0] if found and _metric(found[0], metric) is not None else None

    # --- below ----------------------------------------------------------------------------------------------------

    def _of(self, project: str | None) -> ModelRegistry:
        """The registry of a project; asked for when it is first needed."""
        if project is None or project == self._owner:
            return self
        if not isinstance(project, str) or not project:
            raise TypeError(f"project is {project!r}. Pass the name of a project, or None.")
        return ModelRegistry(self._session, project)

    def _registry(self) -> Registry:
        if self._found is None:
            try:
                with failures(f"find the registry of project '{self._owner}'"):
                    self._found = get_model_registry(self._session, self._owner)
            except Exception as error:
                if isinstance(error.__cause__, ModelRegistryException):
                    raise RegistryAccessError(str(error.__cause__)) from error.__cause__
                raise
        return self._found

    def _adopt(self, record: Any) -> None:
        """Bind a record that the user made to this registry."""
        registry = self._registry()
        record.model_registry_id = registry.model_registry_id
        record.shared_registry_project_name = registry.shared_registry_project_name
        record.project_name = self._owner
        record._scope = registry._scope

    def _find(self, name: str, version: int | None, what: str) -> Model | None:
        if version is None:
            found = self._list(name, None, True)
            return found[0] if found else None
        with failures(f"get {what}"):
            record = self._registry().get_model(name, version)
        return None if record is None else Model(self, record)

    def _recover(self, name: str, version: int | None, what: str) -> bool:
        record = model_class(None)(id=None, name=name, version=version)
        try:
            with failures("put it back"):
                self._adopt(record)
                return replacement.recover(record, ProjectFiles(record._scope))
        except HomerError as error:
            raise ModelNotFoundError(
                f"There is no {what}: its replacement was broken off, and the old version could not be put back. {error}"
            ) from error

    def _list(self, name: str | None, sort_key: str | None, descending: bool) -> list[Model]:
        direction = "desc" if descending else "asc"
        # The server knows metrics and names; it takes a list of keys apart at commas, and directions at colons.
        asked = sort_key and sort_key not in ("version", "created") and not {",", ":"} & {*sort_key}
        with failures("list models" if name is None else f"list the versions of model '{name}'"):
            records = self._registry()._list(
                name, sort_by=f"{sort_key}:{direction}" if asked else None
            )
        models = [Model(self, record) for record in records]
        models.sort(key=lambda model: (model.name, -(model.version or 0)))
        return _sorted(models, sort_key, descending)

    def __repr__(self) -> str:
        return f"ModelRegistry(project={self._owner!r})"

    def __reduce__(self) -> Any:
        raise TypeError(
            "Models and registries belong to a connection, which holds an API key and is not pickled. Connect again in "
            "the other process, and pass names and versions."
        )


def _warn_of_metric(models: list[Model], sort_key: str | None, name: str | None) -> None:
    """Tell of a metric that no version has: its name may be misspelt."""
    if not models or sort_key is None or sort_key in ("version", "created", "name"):
        return
    known: dict[str, None] = {}
    for model in models:
        known.update(dict.fromkeys(model.metrics))
    if sort_key not in known:
        import warnings

        what = "model" if name is None else f"version of model '{name}'"
        metrics = f"the metrics are {', '.join(sorted(known))}" if known else "there are no metrics"
        warnings.warn(f"No {what} has the metric '{sort_key}'; {metrics}.", stacklevel=_outside())


def _outside() -> int:
    """How many calls up, from who asks, the code of the user is, for warnings."""
    import sys

    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__") == __name__:
        level, frame = level + 1, frame.f_back
    return level


def _metric(model: Model, name: str) -> float | None:
    try:
        value = float(model.metrics[name])
    except (KeyError, TypeError, ValueError):
        return None
    return None if math.isnan(value) else value


def _sorted(models: list[Model], sort_key: str | None, descending: bool) -> list[Model]:
    """Sort models that are by name and descending version, which stays the order of equal ones."""
    if sort_key is None or sort_key == "version":
        return sorted(models, key=lambda m: m.version or 0, reverse=descending or sort_key is None)
    if sort_key == "name":
        return sorted(models, key=lambda model: model.name, reverse=descending)
    if sort_key == "created":
        known = [(model._record.created or 0, model) for model in models]
    else:
        known = [
            (value, model) for model in models if (value := _metric(model, sort_key)) is not None
        ]
    known.sort(key=lambda pair: pair[0], reverse=descending)
    return [
        *(model for _, model in known),
        *(model for model in models if all(model is not other for _, other in known)),
    ]


def _checked_name(name: Any) -> str:
    try:
        check_name(name)
    except ModelRegistryException as error:
        raise InvalidModelError(str(error)) from None
    return str(name)


def _checked_tags(tags: Any) -> list[Any]:
    """The tags that users pass; a dict without ``name`` and ``value`` is values by name."""
    if isinstance(tags, dict) and not {"name", "value"} & tags.keys():
        tags = [{"name": name, "value": value} for name, value in tags.items()]
    return tag_list(tags)


def _checked_version(name: str, version: Any, none: str = "the next one") -> int | None:
    if isinstance(version, bool):
        raise TypeError(
            f"The version of model '{name}' is {version}. Pass a whole number, or None."
        )
    try:
        return checked_version(name, version, none)
    except ValueError as error:
        raise InvalidModelError(str(error)) from None


def _descending(direction: Any) -> bool:
    descending = _DIRECTIONS.get(direction.lower()) if isinstance(direction, str) else None
    if descending is None:
        raise ValueError(f"direction is {direction!r}. Pass 'desc' (or 'max') or 'asc' (or 'min').")
    return descending


def _checked_options(options: Any) -> dict[str, Any]:
    import json

    if options is None:
        return {}
    if not isinstance(options, dict):
        raise TypeError(
            f"flavor_options is of type {type(options).__name__}. Pass a dict of JSON values."
        )
    try:
        # A copy that later changes by the caller do not reach.
        copy: dict[str, Any] = json.loads(json.dumps(options, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise InvalidModelError(
            f"flavor_options holds what JSON cannot carry ({error}). Pass text, numbers, lists and dicts."
        ) from None
    return copy


def _checked_signature(signature: Any) -> ModelSignature | None:
    if signature is None:
        return None
    from hopsworks.homer.signature import checked_signature

    return checked_signature(signature)


def _encoded(example: Any) -> Any:
    if example is None:
        return None
    from hopsworks.homer.input_example import Example

    return Example(example)
