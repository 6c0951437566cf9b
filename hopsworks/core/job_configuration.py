"""Settings of Spark jobs."""

from hopsworks import _native


class JobConfiguration(_native.JobConfiguration):
    """Settings of a Spark job, such as the one that computes statistics on a cluster.

    Parameters:
        driver_memory (int): Memory of the driver, in MB.
        driver_cores (int): Cores of the driver.
        executor_memory (int): Memory of an executor, in MB.
        executor_cores (int): Cores of an executor.
        executor_instances (int): Executors, where their number is fixed.
        dynamic_allocation (bool): Whether executors come and go with the work.
        dynamic_min_executors (int): Fewest executors.
        dynamic_max_executors (int): Most executors.
        environment_name (str): Python environment that the job runs in.
        driver_memory_overhead_factor (float | None): Fraction of the driver's memory that is added outside the
            heap; None for what Spark chooses.
        executor_memory_overhead_factor (float | None): The same of an executor. Raise it when executors are
            killed for want of memory.

    Example:
        ```python
        from hopsworks.core.job_configuration import JobConfiguration

        config = JobConfiguration(executor_memory=8192)
        assert config.to_dict()["spark.executor.memory"] == 8192
        ```
    """

    __slots__ = ()

    DTO_TYPE = "sparkJobConfiguration"
