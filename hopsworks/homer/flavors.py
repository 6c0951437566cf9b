"""The flavours of models: what each is called, which framework the registry knows it as, and what its files look like.

No library of a flavour is loaded: homer stores and describes files.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from hopsworks.homer.errors import InvalidModelError

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from collections.abc import Iterable


class Flavor:
    """One flavour.

    Attributes:
        name (str): Its name.
        framework (str): What the registry, which knows five, calls it.
        patterns (tuple[str, ...]): Names of files, or of folders when they end in ``/``; one of them must be there.
            Empty: any file will do.
    """

    __slots__ = ("framework", "name", "patterns")

    def __init__(self, name: str, framework: str, *patterns: str) -> None:
        self.name = name
        self.framework = framework
        self.patterns = patterns

    def check_files(self, paths: Iterable[str], source: str) -> None:
        """Check that the files of a model can be of this flavour.

        Parameters:
            paths: Relative paths of its files; those of folders end in ``/``.
            source (str): Where they are, for the message.

        Raises:
            InvalidModelError: If none of them is what the flavour needs.
        """
        names = {
            f"{path.rstrip('/').rpartition('/')[2]}{'/' if path.endswith('/') else ''}"
            for path in paths
        }
        wanted = self.patterns or ("*",)
        for name in names:
            folder = name.endswith("/")
            for pattern in wanted:
                if pattern.endswith("/") == folder and fnmatchcase(name, pattern):
                    return
        if not self.patterns:
            raise InvalidModelError(
                f"'{source}' holds no file. Pass the path of the model's files, or flavor_options={{'validate': False}}."
            )
        what = ", ".join(wanted)
        raise InvalidModelError(
            f"'{source}' holds no model of flavour '{self.name}', which needs one of: {what}. Check the path and the "
            "flavour, or pass flavor_options={'validate': False}."
        )


FLAVORS = {
    flavor.name: flavor
    for flavor in (
        Flavor("python_function", "PYTHON"),
        Flavor("crate", "PYTHON", "*.bin", "*.rds", "*.RData"),
        Flavor("h2o", "PYTHON"),
        Flavor("keras", "TENSORFLOW", "*.h5", "*.keras", "saved_model.pb"),
        Flavor("mleap", "PYTHON", "*.zip", "bundle.json"),
        Flavor("pytorch", "TORCH", "*.pt", "*.pth", "*.bin", "*.pkl"),
        Flavor("sklearn", "SKLEARN", "*.pkl", "*.pickle", "*.joblib"),
        Flavor("spark", "PYTHON", "metadata/"),
        Flavor("tensorflow", "TENSORFLOW", "saved_model.pb", "*.h5", "*.keras"),
        Flavor("onnx", "PYTHON", "*.onnx"),
        Flavor("gluon", "PYTHON", "*.params"),
        Flavor("xgboost", "PYTHON", "*.json", "*.ubj", "*.model", "*.bst", "*.pkl"),
        Flavor("lightgbm", "PYTHON", "*.txt", "*.lgb", "*.pkl"),
        Flavor("catboost", "PYTHON", "*.cbm", "*.json", "*.pkl"),
        Flavor("spacy", "PYTHON", "meta.json", "config.cfg"),
        Flavor("fastai", "PYTHON", "*.pkl", "*.fastai", "*.pth"),
        Flavor("statsmodels", "PYTHON", "*.pkl", "*.pickle", "*.statsmodels"),
    )
}
DEFAULT = "python_function"

_OTHER_NAMES = {"python": "python_function", "torch": "pytorch"}
_OF_FRAMEWORK = {"TENSORFLOW": "tensorflow", "TORCH": "pytorch", "SKLEARN": "sklearn"}
_WITH_META_GRAPHS = ("tensorflow", "keras")


def find_flavor(name: str) -> Flavor:
    """The flavour of a name.

    Parameters:
        name (str): Its name, in any case; ``python`` and ``torch`` are other names of two.

    Returns:
        Flavor: The flavour.

    Raises:
        InvalidModelError: If there is none of that name.
    """
    key = name.lower() if isinstance(name, str) else ""
    flavor = FLAVORS.get(_OTHER_NAMES.get(key, key))
    if flavor is None:
        raise InvalidModelError(f"There is no flavour {name!r}. Use one of {', '.join(FLAVORS)}.")
    return flavor


def flavor_of_framework(framework: str | None) -> str:
    """The flavour of a model that another client has saved.

    Parameters:
        framework (str | None): What the registry says.

    Returns:
        str: Name of the flavour.
    """
    return _OF_FRAMEWORK.get(framework or "", DEFAULT)


def checked_meta_graph_tags(flavor: Flavor, tags: list[str] | None) -> list[str] | None:
    """The tags of the meta graph of a saved TensorFlow model.

    Parameters:
        flavor (Flavor): Flavour of the model.
        tags: What the user passed.

    Returns:
        list[str] | None: The tags.

    Raises:
        InvalidModelError: If the flavour has none, or they are no list of texts.
    """
    if tags is None:
        return None
    if flavor.name not in _WITH_META_GRAPHS:
        raise InvalidModelError(
            f"tf_meta_graph_tags is given for flavour '{flavor.name}'; only {' and '.join(_WITH_META_GRAPHS)} have meta "
            "graphs. Leave it out, or pass another flavor."
        )
    if not isinstance(tags, (list, tuple)) or not all(isinstance(tag, str) for tag in tags):
        raise InvalidModelError(
            f"tf_meta_graph_tags is {tags!r}. Pass a list of texts, for example ['serve']."
        )
    return list(tags)


def default_meta_graph_tags(flavor: Flavor, paths: Iterable[str]) -> list[str] | None:
    """The meta graph tags of a model that was given none.

    Parameters:
        flavor (Flavor): Flavour of the model.
        paths: Relative paths of its files.

    Returns:
        list[str] | None: ``["serve"]`` for a saved model of TensorFlow, else None.
    """
    saved = any(path.rpartition("/")[2] == "saved_model.pb" for path in paths)
    return ["serve"] if flavor.name == "tensorflow" and saved else None
