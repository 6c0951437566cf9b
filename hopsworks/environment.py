"""Python environments of a project."""

from __future__ import annotations

import posixpath

from hopsworks import _native
from hopsworks.core.arguments import checked_text
from hopsworks.core.environment_command import await_commands
from hopsworks.core.npm_packages import packages_of, resolved_packages
from hopsworks.core.project_path import absolute_path
from hopsworks.resource_scope import scope_of

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing itself is not loaded at run time
    from typing import Any

    from hopsworks._native import Library


class Environment(_native.Environment):
    """A Python environment. :class:`hopsworks.core.environment_api.EnvironmentApi` makes and finds them.

    Before something is installed or taken out, the environment is waited for until nothing else is done to it. The
    server is asked at once, then at pauses that grow to five seconds. Ctrl-C ends a wait and not what it waits for.

    Example:
        ```python
        environment = project.get_environment_api().get_environment("train")
        environment.install_wheel("Resources/tools-1.0-py3-none-any.whl")
        environment.uninstall("numpy")
        ```
    """

    NOT_FOUND_ERROR_CODE = 300000

    def _call(self, operation: str, body: Any = None, **parameters: Any) -> Any:
        return scope_of(self).call(operation, body, **parameters)

    def _path(self, path: str) -> str:
        return absolute_path(path, scope_of(self).context.project_name)

    def _await_commands(self, what: str, timeout: float | None) -> None:
        """Wait until nothing is being done to the environment; the object is brought up to date."""
        answer = await_commands(
            lambda seconds: self._call("environment.poll", name=self.name, timeout=seconds),
            what,
            timeout,
        )
        # The question is not about the libraries, so those that are known stay.
        self._set(
            description=answer.description,
            python_version=answer.python_version,
            commands=answer.commands,
        )

    def _await_library(
        self, name: str | None, package_source: str | None, what: str, timeout: float | None
    ) -> Library | None:
        return await_commands(
            lambda seconds: self._call(
                "library.poll",
                environment=self.name,
                name=_segments(name),
                package_source=package_source,
                timeout=seconds,
            ),
            what,
            timeout,
        )

    def _ready(self, timeout: float | None) -> None:
        self._await_commands(f"change of the environment {self.name!r}", timeout)

    def install_wheel(
        self, path: str, await_installation: bool | None = True, timeout: float | None = None
    ) -> None:
        """Install a wheel that lies in the project.

        Parameters:
            path: Path of the file in the project, such as `Resources/tools-1.0-py3-none-any.whl`.
            await_installation: Wait until it is installed.
            timeout: Longest time of each wait, in seconds; None for 30 minutes.

        Raises:
            ValueError: The path does not end in `.whl`; nothing is sent.
            hopsworks.client.exceptions.EnvironmentException: It could not be installed, or not in time.
            RestAPIError: The server refuses, for example because there is no such file.

        Example:
            ```python
            path = project.get_dataset_api().upload("tools-1.0-py3-none-any.whl", "Resources")
            environment.install_wheel(path)
            ```
        """
        checked_text(path, "path", "Pass the path of a wheel in the project.")
        if not path.endswith(".whl"):
            raise ValueError(f"path is {path!r}; the name of a wheel ends in '.whl'.")
        self._install_file(path, "wheel", await_installation, timeout)

    def install_requirements(
        self, path: str, await_installation: bool | None = True, timeout: float | None = None
    ) -> None:
        """Install what a requirements file names.

        Parameters:
            path: Path of the file in the project, such as `Resources/requirements.txt`; it must have that name.
            await_installation: Wait until everything is installed.
            timeout: Longest time of each wait, in seconds; None for 30 minutes.

        Raises:
            ValueError: The file has another name; nothing is sent.
            hopsworks.client.exceptions.EnvironmentException: It could not be installed, or not in time.
            RestAPIError: The server refuses, for example because there is no such file.

        Example:
            ```python
            path = project.get_dataset_api().upload("requirements.txt", "Resources")
            environment.install_requirements(path)
            ```
        """
        checked_text(path, "path", "Pass the path of a requirements file in the project.")
        if posixpath.basename(path) != "requirements.txt":
            raise ValueError(
                f"path is {path!r}; the server takes only files named 'requirements.txt'. Upload it under that name."
            )
        self._install_file(path, "requirements_txt", await_installation, timeout)

    def _install_file(
        self, path: str, channel: str, await_installation: bool | None, timeout: float | None
    ) -> None:
        self._ready(timeout)
        name = posixpath.basename(path)
        body = {
            "dependencyUrl": self._path(path),
            "channelUrl": channel,
            "packageSource": channel.upper(),
        }
        self._call("library.install", body, environment=self.name, name=name)
        if await_installation:
            self._await_library(name, None, self._installation(name), timeout)

    def _installation(self, name: str | None) -> str:
        return f"installation of {name!r} in the environment {self.name!r}"

    def uninstall(
        self,
        library_name: str,
        await_uninstallation: bool | None = True,
        timeout: float | None = None,
        package_source: str | None = None,
    ) -> None:
        """Take a library out of the environment.

        Parameters:
            library_name: Name of the library, such as `numpy` or `@scope/package`.
            await_uninstallation: Wait until it is gone.
            timeout: Longest time of each wait, in seconds; None for 30 minutes.
            package_source: Where it came from, such as `PIP` or `NPM`, when several libraries have that name.

        Raises:
            ValueError: The name is empty; nothing is sent.
            hopsworks.client.exceptions.EnvironmentException: It could not be taken out, or not in time.
            RestAPIError: The server refuses.

        Example:
            ```python
            environment.uninstall("numpy")
            ```
        """
        checked_text(library_name, "library_name", "Pass the name of an installed library.")
        self._ready(timeout)
        self._call(
            "library.uninstall",
            environment=self.name,
            name=_segments(library_name),
            package_source=package_source,
        )
        if await_uninstallation:
            what = f"removal of {library_name!r} from the environment {self.name!r}"
            self._await_library(library_name, package_source, what, timeout)

    def delete(self) -> None:
        """Delete the environment.

        Raises:
            RestAPIError: The server refuses.
        """
        self._call("environment.delete", name=self.name)

    def install_npm(
        self,
        packages: list[str | dict[str, str]] | str,
        flags: list[str] | None = None,
        await_installation: bool = True,
        timeout: float | None = None,
    ) -> Library:
        """Install npm packages.

        Parameters:
            packages: Packages such as `left-pad@1.3.0`, or dicts with `name` and `version`, or with `name`,
                `git_url` and `git_ref`. Without a version the latest one is installed.
            flags: Options of `npm install`, such as `--no-audit`.
            await_installation: Wait until they are installed.
            timeout: Longest time of each wait, in seconds; None for 30 minutes.

        Returns:
            The library that stands for the installation.

        Raises:
            ValueError: There is no package, or one of them is none; nothing is sent.
            hopsworks.client.exceptions.EnvironmentException: They could not be installed, or not in time.
            RestAPIError: The server refuses.

        Example:
            ```python
            environment.install_npm(["left-pad@1.3.0", "@types/node"])
            ```
        """
        if isinstance(flags, str):
            raise ValueError(f"flags is a text. Pass a list: [{flags!r}].")
        body = {"packages": packages_of(packages), "flags": list(flags or ())}
        self._ready(timeout)
        made: Library = self._call("library.npm_install", body, environment=self.name)
        if not await_installation:
            return made
        what = self._installation(made.library)
        return self._await_library(made.library, "NPM", what, timeout) or made

    def resolve_npm_package_json(
        self,
        path: str | None = None,
        lockfile_path: str | None = None,
        include_dev_dependencies: bool = False,
        *,
        content: str | None = None,
        lockfile_content: str | None = None,
        lockfile_name: str | None = None,
    ) -> dict:
        """Ask which versions of which packages a package.json stands for. Nothing is installed.

        Parameters:
            path: Path of the package.json in the project.
            lockfile_path: Path of its lock file in the project.
            include_dev_dependencies: Resolve `devDependencies` too.
            content: Text of the package.json, instead of its path.
            lockfile_content: Text of the lock file, instead of its path.
            lockfile_name: Name of the lock file, such as `package-lock.json`; needed with its text.

        Returns:
            A dict with `packages`: dicts with `name`, `version`, `requested`, `status` (`RESOLVED` or
            `UNRESOLVED`), `reason` and `dependencyType`.

        Raises:
            ValueError: There is neither path nor text, or a text of a lock file without its name; nothing is sent.
            RestAPIError: The server refuses.

        Example:
            ```python
            answer = environment.resolve_npm_package_json("Resources/package.json")
            versions = {package["name"]: package["version"] for package in answer["packages"]}
            ```
        """
        body: dict[str, Any] = {"includeDevDependencies": include_dev_dependencies}
        if content is not None:
            body["packageJson"] = content
        elif path:
            body["packageJsonPath"] = self._path(path)
        else:
            raise ValueError(
                "There is no package.json. Pass its path in the project, or its content."
            )
        if lockfile_content is not None:
            if not lockfile_name:
                raise ValueError(
                    "lockfile_content needs lockfile_name, such as 'package-lock.json': it tells the format."
                )
            body |= {"lockfile": lockfile_content, "lockfileName": lockfile_name}
        elif lockfile_path:
            body["lockfilePath"] = self._path(lockfile_path)
            body["lockfileName"] = lockfile_name or posixpath.basename(lockfile_path)
        return self._call("library.npm_resolve", body, environment=self.name)

    def install_npm_from_package_json(
        self,
        path: str | None = None,
        lockfile_path: str | None = None,
        include_dev_dependencies: bool = False,
        flags: list[str] | None = None,
        await_installation: bool = True,
        timeout: float | None = None,
        *,
        content: str | None = None,
        lockfile_content: str | None = None,
        lockfile_name: str | None = None,
        skip_unresolved: bool = False,
        include_optional_dependencies: bool = False,
    ) -> Library:
        """Install what a package.json depends on.

        Parameters:
            path: Path of the package.json in the project.
            lockfile_path: Path of its lock file in the project.
            include_dev_dependencies: Install `devDependencies` too.
            flags: Options of `npm install`.
            await_installation: Wait until everything is installed.
            timeout: Longest time of each wait, in seconds; None for 30 minutes.
            content: Text of the package.json, instead of its path.
            lockfile_content: Text of the lock file, instead of its path.
            lockfile_name: Name of the lock file; needed with its text.
            skip_unresolved: Install the others when something cannot be resolved.
            include_optional_dependencies: Install `optionalDependencies` too. An installation fails when one of them
                cannot be installed on this platform.

        Returns:
            The library that stands for the installation.

        Raises:
            ValueError: There is no package.json, or something in it cannot be resolved; nothing is installed.
            hopsworks.client.exceptions.EnvironmentException: It could not be installed, or not in time.
            RestAPIError: The server refuses.
        """
        answer = self.resolve_npm_package_json(
            path,
            lockfile_path,
            include_dev_dependencies,
            content=content,
            lockfile_content=lockfile_content,
            lockfile_name=lockfile_name,
        )
        found = resolved_packages([answer], skip_unresolved, include_optional_dependencies)
        if not found:
            raise ValueError("The package.json has nothing to install.")
        return self.install_npm(found, flags, await_installation, timeout)

    def inspect_npm_git(
        self,
        url: str,
        ref: str | None = None,
        include_dev_dependencies: bool = False,
        path: str | None = None,
    ) -> dict:
        """Ask which package.json files a git repository has and what they stand for. Nothing is installed.

        Parameters:
            url: Address of the repository.
            ref: Branch, tag or commit; None for the main branch.
            include_dev_dependencies: Resolve `devDependencies` too.
            path: Folder of the repository to look into; None for all of it.

        Returns:
            A dict with `commit`, `rootPackageName` and `manifests`: dicts with `path` and `resolved`, which is what
            :meth:`resolve_npm_package_json` returns.

        Raises:
            ValueError: The address is empty; nothing is sent.
            RestAPIError: The server refuses.
        """
        body: dict[str, Any] = {
            "url": checked_text(url, "url", "Pass the address of a git repository."),
            "includeDevDependencies": include_dev_dependencies,
        }
        if ref is not None:
            body["ref"] = ref
        if path is not None:
            body["path"] = path
        return self._call("library.npm_inspect", body, environment=self.name)

    def install_npm_from_git(
        self,
        url: str,
        ref: str | None = None,
        manifests: list[str] | None = None,
        install_repository: bool = False,
        include_dev_dependencies: bool = False,
        flags: list[str] | None = None,
        await_installation: bool = True,
        timeout: float | None = None,
        *,
        path: str | None = None,
        skip_unresolved: bool = False,
        include_optional_dependencies: bool = False,
    ) -> Library:
        """Install what the package.json files of a git repository depend on, in one go.

        Parameters:
            url: Address of the repository.
            ref: Branch, tag or commit; None for the main branch.
            manifests: Paths of the package.json files to take; None for all of them.
            install_repository: Install the repository itself too, as a package.
            include_dev_dependencies: Install `devDependencies` too.
            flags: Options of `npm install`.
            await_installation: Wait until everything is installed.
            timeout: Longest time of each wait, in seconds; None for 30 minutes.
            path: Folder of the repository to look into; None for all of it.
            skip_unresolved: Install the others when something cannot be resolved.
            include_optional_dependencies: Install `optionalDependencies` too.

        Returns:
            The library that stands for the installation.

        Raises:
            ValueError: A file is not in the repository, something cannot be resolved, or there is nothing to install.
            hopsworks.client.exceptions.EnvironmentException: It could not be installed, or not in time.
            RestAPIError: The server refuses.
        """
        answer = self.inspect_npm_git(url, ref, include_dev_dependencies, path)
        files = {
            one.get("path"): one.get("resolved") or {} for one in answer.get("manifests") or ()
        }
        wanted = list(files) if manifests is None else list(manifests)
        missing = [name for name in wanted if name not in files]
        if missing:
            raise ValueError(
                f"The repository {url} has no {', '.join(missing)}. It has: {', '.join(map(str, files)) or 'none'}."
            )
        found = resolved_packages(
            [files[name] for name in wanted], skip_unresolved, include_optional_dependencies
        )
        if install_repository:
            name = answer.get("rootPackageName")
            if not name:
                raise ValueError(
                    f"The repository {url} cannot be installed as a package: its package.json has no name."
                )
            found.append({"name": name, "git_url": url, "git_ref": answer["commit"]})
        if not found:
            raise ValueError(f"The package.json files of {url} have nothing to install.")
        return self.install_npm(found, flags, await_installation, timeout)


def _segments(name: str | None) -> list[str]:
    """The name of a library as segments of a path: a scoped name of npm has two."""
    return (name or "").split("/")
