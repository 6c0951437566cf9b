"""The class of Python models."""

from hopsworks.constants import MODEL
from hsml.model import Model as AnyModel


class Model(AnyModel):
    """One version of a Python model; made by ``mr.python.create_model(...)`` or read from the registry."""

    __slots__ = ()

    def __init__(
        self,
        id,
        name,
        version=None,
        created=None,
        creator=None,
        environment=None,
        description=None,
        project_name=None,
        metrics=None,
        program=None,
        user_full_name=None,
        model_schema=None,
        training_dataset=None,
        input_example=None,
        model_registry_id=None,
        tags=None,
        href=None,
        feature_view=None,
        training_dataset_version=None,
        missing_mandatory_tags=None,
        **kwargs,
    ):
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
            framework=MODEL.FRAMEWORK_PYTHON,
            model_registry_id=model_registry_id,
            tags=tags,
            feature_view=feature_view,
            training_dataset_version=training_dataset_version,
            missing_mandatory_tags=missing_mandatory_tags,
        )
