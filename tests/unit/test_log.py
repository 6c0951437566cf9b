"""Loggers of the package: the standard ones, with ``logging`` loaded no sooner than there is something to show.

Each program is a process of its own, since this one has ``logging`` loaded.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap

from hopsworks._log import get_logger
from tests.scripted_server import ScriptedServer, Step

VERSIONS = "GET /hopsworks-api/api/variables/versions"

# A module of the user's, whose function logs through ours: the records must name this function and line.
CALLER = """
    import sys
    from hopsworks._log import get_logger
    log = get_logger("hopsworks.part")
    def work():
        log.debug("found %s", 1)
        log.info("done %s", 2)
        log.warning("odd %s", 3)
"""
FORMAT = "%(funcName)s:%(lineno)d:%(message)s"


def places(before: str = "") -> list[str]:
    """The three records of ``work()``, when so much of the program stands before its definition."""
    first = before.count("\n") + 6
    return [f"work:{first + i}:{text}" for i, text in enumerate(("found 1", "done 2", "odd 3"))]


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program; -S, so that nothing in this environment's start has loaded more."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", textwrap.dedent(program), *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert done.returncode == 0, done.stderr
    return done


def lines_of(*parts: str) -> list[str]:
    """What a program of these parts writes to standard error."""
    return run("".join(textwrap.dedent(part) for part in parts)).stderr.splitlines()


def test_nothing_below_a_warning_loads_logging() -> None:
    calls = """
        log.debug("found")
        log.info("done")
        print("logging" in sys.modules)
    """
    done = run(textwrap.dedent(CALLER) + textwrap.dedent(calls))
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_a_warning_is_shown_where_nobody_configured_anything() -> None:
    assert lines_of(CALLER, "work()\n") == ["odd 3"]


def test_logging_that_was_configured_before_gets_every_record_with_its_place() -> None:
    configured = f"""
        import logging
        logging.basicConfig(level=logging.DEBUG, format={FORMAT!r})
    """
    assert lines_of(configured, CALLER, "work()\n") == places(before=configured)


def test_logging_that_is_configured_later_gets_what_comes_then() -> None:
    later = f"""
        log.info("too soon")
        import logging
        logging.basicConfig(level=logging.INFO, format={FORMAT!r})
        work()
        logging.getLogger("hopsworks").setLevel(logging.WARNING)
        work()
        logging.getLogger("hopsworks.part").setLevel(logging.DEBUG)
        work()
    """
    found, done, odd = places()
    assert lines_of(CALLER, later) == [done, odd, odd, found, done, odd]


def test_a_logger_that_a_program_configured_by_name_is_the_one_that_is_used() -> None:
    named = """
        import logging
        class Kept(logging.Handler):
            def emit(self, record):
                sys.stderr.write(f"{record.name} {record.levelname} {record.getMessage()}\\n")
        logging.getLogger("hopsworks").addHandler(Kept())
        work()
    """
    assert lines_of(CALLER, named) == ["hopsworks.part WARNING odd 3"]


def test_an_exception_can_go_along(caplog) -> None:
    caplog.set_level("DEBUG", "hopsworks.part")
    try:
        raise OSError("disk full")
    except OSError:
        get_logger("hopsworks.part").debug("left", exc_info=True)
    assert "OSError: disk full" in caplog.text
    assert [record.funcName for record in caplog.records] == ["test_an_exception_can_go_along"]


REQUESTS = """
    import sys
    from hopsworks import _native
    scope = _native.Client(sys.argv[1]).scope(None)
    assert scope.call("variable.versions") == []
    assert "logging" not in sys.modules
"""


def test_requests_are_logged_once_the_program_has_logging() -> None:
    after = """
        import logging
        logging.basicConfig(format="%(name)s %(levelname)s %(message)s")
        scope.call("variable.versions")
        logging.getLogger("hopsworks.http").setLevel(logging.DEBUG)
        scope.call("variable.versions")
        scope.call("variable.versions")
    """
    with ScriptedServer([Step(VERSIONS, body=b"[]", times=4)]) as server:
        done = run(textwrap.dedent(REQUESTS) + textwrap.dedent(after), server.url)
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("hopsworks.http DEBUG GET ") for line in lines)


def test_a_repeated_request_is_shown_to_those_who_configured_something() -> None:
    repeat = [Step(VERSIONS, status=503), Step(VERSIONS, body=b"[]")]
    ask = 'scope.call("variable.versions")\n'
    with ScriptedServer([Step(VERSIONS, body=b"[]"), *repeat, *repeat, *repeat]) as server:
        program = [
            textwrap.dedent(REQUESTS),
            ask,
            "import logging\n",
            ask,
            "logging.basicConfig()\n",
            ask,
        ]
        done = run("".join(program), server.url)
    (line,) = done.stderr.splitlines()
    assert line.startswith("WARNING:hopsworks.http:GET ")
    assert "trying again in" in line


def test_a_logger_says_whose_it_is() -> None:
    assert repr(get_logger("hopsworks.part")) == "<Logger hopsworks.part>"
