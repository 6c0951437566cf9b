"""Following the logs of a deployment, against scripted answers."""

import types

import pytest

from hsml.core import deployment_logs
from hsml.deployable_component_logs import DeployableComponentLogs as Logs


class Deployment:
    """A deployment whose server gives one prepared answer after the other."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        self.id = 1
        session = types.SimpleNamespace(call=self.call)
        self.predictor = types.SimpleNamespace(_scope=session)
        self.status = "Running"

    def call(self, endpoint, **parameters):
        assert endpoint == "deployment.logs"
        self.asked.append(parameters)
        if not self.answers:
            self.status = "Stopped"
            return []
        return self.answers.pop(0)

    def get_state(self):
        return types.SimpleNamespace(status=self.status)

    def follow(self, since=None, **parameters):
        return list(
            deployment_logs.follow(
                self, "predictor", 0, "kubernetes", since, None, "Stopped", None, **parameters
            )
        )


def lines(*texts, instance="i", **settings):
    return Logs(instance, "".join(f"{text}\n" for text in texts), **settings)


def at(second, text, fraction=""):
    return f"2025-01-01T00:00:{second:02d}{fraction}Z {text}"


def test_only_new_lines_come_and_without_their_times():
    deployment = Deployment(
        [lines(at(1, "a"), at(2, "b"))],
        [lines(at(2, "b"), at(3, "c"))],
        [lines(at(3, "c"))],
        [lines(at(3, "c"), at(4, "d"))],
    )
    assert deployment.follow() == ["a\nb\n", "c\n", "d\n"]
    assert [asked["since"] for asked in deployment.asked] == [
        None,
        "2025-01-01T00:00:02Z",
        "2025-01-01T00:00:03Z",
        "2025-01-01T00:00:03Z",
        "2025-01-01T00:00:04Z",
    ]
    # The first question is for the newest lines, the others for all since then.
    assert [asked["tail"] for asked in deployment.asked] == [200, None, None, None, None]


def test_lines_of_one_moment_are_counted():
    deployment = Deployment(
        [lines(at(1, "a"), at(1, "b"))],
        [lines(at(1, "a"), at(1, "b"), at(1, "c"))],
        [lines(at(1, "a"), at(1, "b"), at(1, "c"), at(1, "d"), at(2, "e"))],
    )
    assert deployment.follow() == ["a\nb\n", "c\n", "d\ne\n"]


def test_lines_without_a_time_belong_to_the_one_before():
    deployment = Deployment(
        [lines(at(1, "error"), "  in file x", at(2, "b"))],
        [lines(at(2, "b"), at(3, "error"), "  in file y")],
    )
    assert deployment.follow() == ["error\n  in file x\nb\n", "error\n  in file y\n"]


def test_half_a_line_waits_for_its_other_half():
    cut = Logs("i", f"{at(1, 'a')}\n{at(2, 'hal')}", truncated=True)
    deployment = Deployment([cut], [lines(at(1, "a"), at(2, "half a line"))])
    assert deployment.follow() == ["a\n", "half a line\n"]


def test_servers_without_times_are_followed_by_overlap():
    deployment = Deployment(
        [lines("a", "b")], [lines("a", "b", "c")], [lines("b", "c", "d")], [lines("x", "y")]
    )
    assert deployment.follow() == ["a\nb\n", "c\n", "d\n", "x\ny\n"]


def test_single_lines_with_ids_come_once():
    one = [Logs("i", "a", timestamp="2025-01-01T00:00:01Z", doc_id="1")]
    two = [*one, Logs("i", "b", timestamp="2025-01-01T00:00:02Z", doc_id="2")]
    deployment = Deployment(one, two)
    assert deployment.follow() == ["a\n", "b\n"]
    assert deployment.asked[2]["since"] == "2025-01-01T00:00:02Z"


def test_instances_have_headlines_and_places_of_their_own():
    deployment = Deployment(
        [lines(at(5, "a"), instance="one"), lines(at(1, "x"), instance="two")],
        [lines(at(5, "a"), at(6, "b"), instance="one"), lines(at(1, "x"), instance="two")],
    )
    assert deployment.follow() == ["==> one <==\na\n==> two <==\nx\n", "b\n"]
    # One question serves all, so it starts where the slowest is.
    assert deployment.asked[1]["since"] == "2025-01-01T00:00:01Z"


def test_an_instance_that_is_gone_holds_nobody_back():
    deployment = Deployment(
        [lines(at(1, "x"), instance="gone"), lines(at(5, "a"), instance="i")],
        [lines(at(6, "b"), instance="i")],
        [lines(at(7, "c"), instance="i")],
    )
    deployment.follow()
    assert deployment.asked[2]["since"] == "2025-01-01T00:00:06Z"


def test_a_restarted_instance_begins_anew():
    deployment = Deployment(
        [lines(at(9, "before"), restart_count=0)], [lines(at(3, "after"), restart_count=1)]
    )
    assert deployment.follow() == ["before\n", "after\n"]


def test_notes_about_instances_are_no_lines():
    deployment = Deployment(
        [lines("left out", skipped=True), lines("unreadable", read_failed=True)]
    )
    assert deployment.follow() == []


def test_now_becomes_a_moment():
    deployment = Deployment()
    deployment.follow(since="now")
    assert deployment.asked[0]["since"].endswith("Z")
    assert deployment.asked[0]["tail"] is None
    assert deployment.asked[0]["timestamps"] == "true"


@pytest.mark.parametrize(
    ("entries", "text"),
    [
        ([], ""),
        ([("a", "x")], "x\n"),
        ([("a", "x\n"), ("a", "y")], "x\ny\n"),
        ([("a", "x"), ("b", ""), (None, "y")], "==> a <==\nx\n==>  <==\ny\n"),
    ],
)
def test_text_of_entries(entries, text):
    assert deployment_logs.as_text(entries) == text
