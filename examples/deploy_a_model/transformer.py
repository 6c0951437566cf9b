"""A transformer: turns named measurements into the row that the model knows, and numbers into names."""

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
SPECIES = ("setosa", "versicolor", "virginica")


class Transformer:
    def preprocess(self, inputs):
        """Prepare a request.

        Parameters:
            inputs (dict): The request, with ``instances``: a list of dicts.

        Returns:
            dict: The request for the predictor, with ``instances``: a list of lists.
        """
        inputs["instances"] = [[row[name] for name in FEATURES] for row in inputs["instances"]]
        return inputs

    def postprocess(self, outputs):
        """Finish an answer.

        Parameters:
            outputs (dict): The answer of the predictor, with ``predictions``: a list of numbers.

        Returns:
            dict: The answer, with ``predictions``: a list of names.
        """
        outputs["predictions"] = [SPECIES[number] for number in outputs["predictions"]]
        return outputs
