"""What the model classes of all frameworks share: a constructor without the framework, which the class knows."""

from __future__ import annotations

from hsml.model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any


class FrameworkModel(Model):
    """One version of a model of one framework; a subclass names the framework in ``_FRAMEWORK``."""

    __slots__ = ()

    _FRAMEWORK = ""

    def __init__(
        self,
        id: Any,
        name: Any,
        version: Any = None,
        created: Any = None,
        creator: Any = None,
        environment: Any = None,
        description: Any = None,
        project_name: Any = None,
        metrics: Any = None,
        program: Any = None,
        user_full_name: Any = None,
        model_schema: Any = None,
        training_dataset: Any = None,
        input_example: Any = None,
        model_registry_id: Any = None,
        tags: Any = None,
        href: Any = None,
        feature_view: Any = None,
        training_dataset_version: Any = None,
        missing_mandatory_tags: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            id,
            name,
            version=version,
            created=created,
            creator=creator,
            environment=environment,
            description=description,
            project_name=project_name,
            metrics=metrics,
            program=program,
            user_full_name=user_full_name,
            model_schema=model_schema,
            input_example=input_example,
            framework=self._FRAMEWORK,
            model_registry_id=model_registry_id,
            tags=tags,
            feature_view=feature_view,
            training_dataset_version=training_dataset_version,
            missing_mandatory_tags=missing_mandatory_tags,
        )
