"""Resource types: decoding, initialisers, sending, equality, copies, pickles. No server takes part."""

from __future__ import annotations

import copy
import datetime
import enum
import inspect
import itertools
import json
import pickle
import pydoc
import weakref

import pytest

from hopsworks import _native
from hopsworks.client.exceptions import ResponseDecodeError
from hopsworks.project import Project
from hsfs.feature import Feature
from hsfs.feature_group import ExternalFeatureGroup, FeatureGroup, SpineGroup

FEATURE = {
    "name": "price",
    "type": "double",
    "primary": True,
    "hudiPrecombineKey": False,
    "featureGroupId": 42,
    "onlineType": "double",
}
GROUP = {
    "type": "streamFeatureGroupDTO",
    "id": 42,
    "name": "sales",
    "version": 3,
    "featurestoreId": 67,
    "features": [FEATURE, {"name": "day", "type": "date"}],
    "onlineEnabled": True,
    "statisticsConfig": {"enabled": True, "columns": ["price"]},
    "newerKey": {"aB": [1, 2.5, None]},
}


def body(value: object) -> bytes:
    return json.dumps(value).encode()


class TestModule:
    def test_types_are_made_when_asked_for(self):
        assert "FeatureGroup" in _native.types
        assert set(_native.types) <= set(dir(_native))
        assert all(len(name) > 1 for name in dir(_native))
        assert _native.FeatureGroup is _native.FeatureGroup
        assert vars(_native)["FeatureGroup"] is _native.FeatureGroup

    def test_every_type_of_the_tables_can_be_made(self):
        for name in _native.types:
            cls = getattr(_native, name)
            assert cls.__name__ == name
            assert "." in f"{cls.__module__}.{name}"
            assert inspect.signature(cls) is not None
            made = cls.__new__(cls)
            assert isinstance(made.to_dict(), dict)
            assert name in repr(made)

    def test_unknown_name(self):
        with pytest.raises(AttributeError, match="NoSuchType"):
            _native.NoSuchType

    def test_endpoints_say_what_the_tables_say(self):
        row = _native.endpoints["feature_group.get"]
        assert row["verb"] == "GET"
        assert row["path"].endswith("/featuregroups/{name}")
        assert row["absent"] == (270009,)


class TestDecoding:
    def test_scalars_objects_and_lists(self):
        group = FeatureGroup.from_response_json(GROUP)
        assert type(group) is FeatureGroup
        assert (group.id, group.name, group.version) == (42, "sales", 3)
        assert group.stream is True
        assert [type(feature) for feature in group.features] == [Feature, Feature]
        assert group.features[0].primary is True
        assert group.features[0].feature_group_id == 42
        assert group.features[1].primary is False
        assert group.statistics_config.columns == ["price"]

    @pytest.mark.parametrize("form", [dict, str, bytes, bytearray, memoryview])
    def test_json_may_be_text_or_values(self, form):
        given = GROUP if form is dict else json.dumps(GROUP) if form is str else form(body(GROUP))
        assert FeatureGroup.from_response_json(given).features[0].type == "double"

    def test_keys_in_the_spelling_of_python(self):
        group = FeatureGroup.from_response_json({"featurestore_id": 67, "online_enabled": True})
        assert (group.featurestore_id, group.online_enabled) == (67, True)

    def test_absent_and_null_keys_take_the_default(self):
        group = FeatureGroup.from_response_json({"onlineEnabled": None, "features": None})
        assert group.online_enabled is False
        assert group.features == []
        assert group.time_travel_format == "DELTA"
        assert group.version is None

    def test_null(self):
        assert FeatureGroup.from_response_json(None) is None
        assert FeatureGroup.from_response_json("null") is None

    @pytest.mark.parametrize(
        "wrapped",
        [[GROUP, GROUP], {"count": 2, "items": [GROUP, GROUP]}, {"items": [GROUP, GROUP]}],
    )
    def test_collections(self, wrapped):
        groups = FeatureGroup.from_response_json(wrapped)
        assert [group.name for group in groups] == ["sales", "sales"]

    def test_empty_collections(self):
        assert FeatureGroup.from_response_json([]) == []
        assert FeatureGroup.from_response_json({"count": 0, "href": "x"}) == []

    def test_scope_reaches_nested_objects(self):
        scope = object()
        group = FeatureGroup.from_response_json(GROUP, scope=scope)
        assert group._scope is scope
        assert group.features[1]._scope is scope
        assert FeatureGroup.from_response_json(GROUP)._scope is None

    def test_a_python_subclass_is_kept(self):
        class Mine(FeatureGroup):
            pass

        group = Mine.from_response_json([GROUP])[0]
        assert type(group) is Mine
        assert type(group.features[0]) is Feature

    def test_initialiser_is_not_run(self):
        class Loud(Project):
            def __init__(self):
                raise AssertionError

        assert Loud.from_response_json({"projectId": 5}).id == 5

    def test_the_class_may_depend_on_a_key(self):
        models = _native.Model.from_response_json(
            [{"framework": "SKLEARN"}, {"framework": None}, {}]
        )
        assert [type(model).__module__ for model in models] == [
            "hsml.sklearn.model",
            "hsml.model",
            "hsml.model",
        ]
        with pytest.raises(
            ResponseDecodeError, match=r"Model.framework: expected one of .*, found 'JAX'"
        ):
            _native.Model.from_response_json({"framework": "JAX"})

    def test_hook_after_decoding(self):
        class Hooked(Project):
            def _after_decode(self):
                self.description = f"{self.name}!"

        assert Hooked.from_response_json({"projectName": "lab"}).description == "lab!"

    def test_hook_that_fails(self):
        class Broken(Project):
            def _after_decode(self):
                raise RuntimeError("hook")

        with pytest.raises(RuntimeError, match="hook"):
            Broken.from_response_json({"projectName": "lab"})

    def test_numbers_beyond_64_bits_and_nan(self):
        huge = 10**40
        text = f'{{"projectId": {huge}, "quotas": {{"a": NaN, "b": -Infinity, "c": {2**64 - 1}}}}}'
        project = Project.from_response_json(text)
        assert project.id == huge
        assert project.quotas["a"] != project.quotas["a"]
        assert project.quotas["b"] == float("-inf")
        assert project.quotas["c"] == 2**64 - 1
        assert f'"projectId":{huge}' in project.json()

    def test_lone_surrogates_survive(self):
        project = Project.from_response_json('{"description": "a\\ud800z"}')
        assert project.description == "a\ud800z"
        assert json.loads(project.json())["description"] == "a\ud800z"

    def test_whole_floats_are_integers_where_the_table_says_so(self):
        assert Project.from_response_json({"projectId": 3.0}).id == 3

    def test_duplicate_keys(self):
        assert Project.from_response_json('{"owner": "a", "owner": "b"}').owner == "b"


class TestFaults:
    @pytest.mark.parametrize(
        ("json", "field", "expected", "found"),
        [
            ({"id": "42"}, "id", "integer", "string"),
            ({"name": 7}, "name", "string", "integer"),
            ({"onlineEnabled": "yes"}, "online_enabled", "boolean", "string"),
            ({"features": {}}, "features", "array", "object"),
            ({"features": [FEATURE, 3]}, "features[1]", "object (Feature)", "integer"),
            ({"statisticsConfig": []}, "statistics_config", "object (StatisticsConfig)", "array"),
            (
                {"type": "other"},
                "stream",
                "'cachedFeaturegroupDTO' or 'streamFeatureGroupDTO'",
                "string",
            ),
        ],
    )
    def test_wrong_type_is_named(self, json, field, expected, found):
        with pytest.raises(ResponseDecodeError) as caught:
            FeatureGroup.from_response_json(json)
        fault = caught.value
        assert (fault.class_name, fault.field) == ("FeatureGroup", field)
        assert (fault.expected, fault.found) == (expected, found)
        assert isinstance(fault, TypeError)
        assert isinstance(fault, ValueError)

    def test_nested_fault_names_the_inner_class(self):
        with pytest.raises(
            ResponseDecodeError, match=r"Feature.primary: expected boolean, found string"
        ):
            FeatureGroup.from_response_json({"features": [{"primary": "yes"}]})

    @pytest.mark.parametrize("given", ["5", "true", '"text"'])
    def test_document_of_another_kind(self, given):
        with pytest.raises(ResponseDecodeError, match="FeatureGroup: expected object"):
            FeatureGroup.from_response_json(given)

    def test_malformed_text_is_located(self):
        with pytest.raises(ValueError, match="line 2, column 10"):
            FeatureGroup.from_response_json('{\n  "name" 5}')

    @pytest.mark.parametrize("given", ["", b"", b"\xff", "{", "[1,]", "nul"])
    def test_malformed_text(self, given):
        with pytest.raises(ValueError):
            FeatureGroup.from_response_json(given)

    def test_depth_is_bounded(self):
        deep: object = 1
        for _ in range(2000):
            deep = [deep]
        with pytest.raises(ValueError, match="512 levels"):
            Project.from_response_json({"quotas": {"x": deep}})
        with pytest.raises(Exception, match="512 levels"):
            Project.from_response_json("[" * 2000 + "]" * 2000)

    def test_values_that_hold_themselves(self):
        cycle: list[object] = []
        cycle.append(cycle)
        project = Project(description="x")
        project.project_team = cycle
        with pytest.raises(ValueError, match="holds itself"):
            project.json()
        with pytest.raises(ValueError, match="512 levels"):
            Project.from_response_json({"projectTeam": cycle})

    def test_arguments_of_from_response_json(self):
        with pytest.raises(TypeError):
            Project.from_response_json()
        with pytest.raises(TypeError):
            Project.from_response_json({}, None, None)
        with pytest.raises(TypeError, match="other"):
            Project.from_response_json({}, other=1)
        with pytest.raises(TypeError, match="scope"):
            Project.from_response_json({}, None, scope=None)
        with pytest.raises(TypeError, match="missing required argument: 'json_dict'"):
            Project().update_from_response_json()
        assert Project.from_response_json(json_dict={"owner": "x"}).owner == "x"
        assert Project().update_from_response_json(json_dict={"owner": "x"}).owner == "x"


class TestUnions:
    @pytest.mark.parametrize(
        ("row", "cls"),
        [
            ({"type": "cachedFeaturegroupDTO"}, FeatureGroup),
            ({"type": "streamFeatureGroupDTO"}, FeatureGroup),
            ({"type": "onDemandFeaturegroupDTO", "spine": False}, ExternalFeatureGroup),
            ({"type": "onDemandFeaturegroupDTO", "spine": True}, SpineGroup),
            ({"type": "onDemandFeaturegroupDTO"}, ExternalFeatureGroup),
        ],
    )
    def test_discriminator(self, row, cls):
        groups = _native.decode_response("feature_group.list", body({"items": [row]}))
        assert [type(group) for group in groups] == [cls]

    def test_unknown_discriminator(self):
        with pytest.raises(ResponseDecodeError) as caught:
            _native.decode_response("feature_group.get_by_id", body({"type": "other"}))
        assert caught.value.class_name == "AnyFeatureGroup"
        assert "cachedFeaturegroupDTO" in caught.value.expected
        assert caught.value.found == "'other'"


class TestResponses:
    def test_first_of_an_array(self):
        assert _native.decode_response("feature_group.get", body([GROUP])).name == "sales"
        assert _native.decode_response("feature_group.get", body(GROUP)).name == "sales"
        assert _native.decode_response("feature_group.get", b"[]") is None

    def test_list_and_collection(self):
        for given in ([GROUP], {"count": 1, "items": [GROUP]}, GROUP):
            groups = _native.decode_response("feature_group.list", body(given))
            assert [group.id for group in groups] == [42]
        assert _native.decode_response("feature_group.list", body({"href": "x", "count": 0})) == []

    def test_plain_json_keeps_the_wire_keys(self):
        assert _native.decode_response("project.list", b'[{"projectTeamPK": {"aB": 1}}]') == [
            {"projectTeamPK": {"aB": 1}}
        ]

    def test_empty_body(self):
        assert _native.decode_response("feature_group.get", b"") is None

    def test_unknown_endpoint(self):
        with pytest.raises(LookupError, match=r"no\.such"):
            _native.decode_response("no.such", b"{}")

    def test_scope(self):
        scope = object()
        assert _native.decode_response("feature_group.get", body([GROUP]), scope)._scope is scope


class TestInitialiser:
    def test_positions_keywords_and_defaults(self):
        feature = _native.Feature("price", "double", primary=True)
        assert (feature.name, feature.type, feature.primary) == ("price", "double", True)
        assert feature.description is None
        assert feature.foreign is False

    def test_unknown_keywords_are_dropped(self):
        assert _native.Feature("a", href="x").name == "a"

    def test_required(self):
        with pytest.raises(TypeError, match="missing required argument: 'name'"):
            _native.Feature()

    def test_twice(self):
        with pytest.raises(TypeError, match="multiple values for argument 'name'"):
            _native.Feature("a", name="b")

    def test_too_many(self):
        with pytest.raises(TypeError, match="at most 15 positional arguments"):
            _native.Feature(*range(16))

    def test_dicts_become_objects(self):
        group = _native.FeatureGroup(
            "sales", 1, 67, features=[FEATURE, Feature("day")], statistics_config={"enabled": False}
        )
        assert [type(feature) for feature in group.features] == [Feature, Feature]
        assert group.statistics_config.enabled is False

    def test_dicts_are_checked(self):
        with pytest.raises(ResponseDecodeError, match=r"Feature\.name"):
            _native.FeatureGroup("sales", 1, 67, features=[{"name": 5}])

    def test_none_becomes_the_fallback(self):
        assert _native.FeatureGroup("sales", 1, 67, features=None).features == []
        assert (
            _native.FeatureGroup("a", 1, 6).features is not _native.FeatureGroup("a", 1, 6).features
        )

    def test_signature(self):
        parameters = inspect.signature(_native.Feature).parameters
        assert list(parameters)[:3] == ["name", "type", "description"]
        assert parameters["name"].default is inspect.Parameter.empty
        assert parameters["primary"].default is False
        assert parameters["kwargs"].kind is inspect.Parameter.VAR_KEYWORD
        assert next(iter(inspect.signature(Project).parameters)) == "archived"
        assert list(inspect.signature(Project.from_response_json).parameters) == [
            "json_dict",
            "scope",
        ]
        assert list(inspect.signature(Project("x").to_dict).parameters) == []

    def test_help(self):
        text = pydoc.render_doc(_native.Feature, renderer=pydoc.plaintext)
        assert "Offline type in Hive notation" in text
        assert "from_response_json(json_dict, scope=None)" in text


class TestAttributes:
    def test_every_attribute_is_a_native_descriptor(self):
        for name in _native.types:
            cls = getattr(_native, name)
            made = cls.__new__(cls)
            fields = [
                n
                for n, d in vars(cls).items()
                if inspect.ismemberdescriptor(d)
                or (inspect.isgetsetdescriptor(d) and n[:2] != "__")
            ]
            assert fields
            for field in fields:
                getattr(made, field)

    def test_read_only(self):
        project = Project.from_response_json({"projectId": 5})
        with pytest.raises(AttributeError):
            project.id = 6
        project._set(id=6)
        assert project.id == 6
        with pytest.raises(AttributeError, match="nothing"):
            project._set(nothing=1)

    def test_deleted_attribute(self):
        feature = _native.Feature("a", "int")
        del feature.type
        with pytest.raises(AttributeError):
            feature.type
        assert feature.to_dict()["type"] is None
        assert copy.copy(feature).type is None
        assert repr(feature)

    def test_weak_references(self):
        feature = Feature("a")
        reference = weakref.ref(feature)
        assert reference() is feature
        del feature
        assert reference() is None

    def test_small_classes_have_no_dict(self):
        with pytest.raises(AttributeError):
            Feature("a").surprise = 1


class TestSending:
    def test_to_dict_speaks_the_wire(self):
        sent = FeatureGroup.from_response_json(GROUP).to_dict()
        assert sent["type"] == "streamFeatureGroupDTO"
        assert sent["featurestoreId"] == 67
        assert sent["features"][0]["hudiPrecombineKey"] is False
        assert sent["description"] == ""

    def test_unknown_keys_are_written_back(self):
        group = FeatureGroup.from_response_json(GROUP)
        assert group.to_dict()["newerKey"] == {"aB": [1, 2.5, None]}
        assert json.loads(group.json())["newerKey"] == {"aB": [1, 2.5, None]}

    def test_constants(self):
        assert (
            ExternalFeatureGroup.from_response_json({}).to_dict()["type"]
            == "onDemandFeaturegroupDTO"
        )

    def test_json_and_to_dict_agree(self):
        group = FeatureGroup.from_response_json(GROUP)
        assert json.loads(group.json()) == group.to_dict()

    def test_reading_what_was_sent(self):
        project = Project.from_response_json(
            {"projectId": 5, "description": 'é🙂\n"\\', "new": [1]}
        )
        assert Project.from_response_json(project.json()) == project

    def test_an_override_of_to_dict_counts_everywhere(self):
        class Other(_native.Feature):
            __slots__ = ()

            def to_dict(self):
                return {**super().to_dict(), "extra": 1}

        group = _native.FeatureGroup("a", 1, 67)
        group.features = [Other("x")]
        assert group.to_dict()["features"][0]["extra"] == 1
        assert json.loads(Other("x").json())["extra"] == 1

    def test_values_of_other_classes(self):
        import numpy

        class Colour(enum.Enum):
            RED = "red"

        project = Project()
        project.quotas = {
            "numpy": numpy.int64(7),
            "enum": Colour.RED,
            "duration": datetime.timedelta(seconds=90),
            "date": datetime.date(2025, 2, 1),
            "tuple": (1, 2),
            1: "one",
            None: True,
        }
        assert project.to_dict()["quotas"] == {
            "numpy": 7,
            "enum": "red",
            "duration": 90.0,
            "date": "2025-02-01",
            "tuple": [1, 2],
            "1": "one",
            "null": True,
        }

    def test_a_value_that_json_cannot_say(self):
        project = Project()
        project.description = object()
        with pytest.raises(TypeError, match="description: cannot send a value of <class 'object'>"):
            project.json()

    def test_collections_have_a_count(self):
        group = _native.FeatureGroup("a", 1, 67)
        group.tags = [{"name": "x", "value": 1}]
        assert group.to_dict()["tags"] == {"count": 1, "items": [{"name": "x", "value": 1}]}

    def test_json_inside_a_string(self):
        inner = {"unique_values": ["a"], "correlations": {"x y": 0.5}}
        read = _native.FeatureDescriptiveStatistics.from_response_json(
            {"featureName": "a", "extendedStatistics": json.dumps(inner)}
        )
        assert read.extended_statistics == inner
        assert json.loads(read.to_dict()["extendedStatistics"]) == inner


class TestUpdate:
    def test_fields_are_taken_over(self):
        group = FeatureGroup.from_response_json(GROUP, scope="scope")
        same = group.update_from_response_json({**GROUP, "version": 4, "description": "new"})
        assert same is group
        assert (group.version, group.description) == (4, "new")
        assert group._scope == "scope"
        assert group.features[0]._scope == "scope"

    def test_missing_keys_go_back_to_defaults(self):
        project = Project.from_response_json({"projectId": 5, "description": "x", "new": 1})
        project.update_from_response_json({"projectId": 5})
        assert project.description is None
        assert "new" not in project.to_dict()

    def test_slots_that_never_travel_stay(self):
        feature = _native.Feature("a")
        feature.feature_group = "mine"
        feature.update_from_response_json({"name": "b"})
        assert (feature.name, feature.feature_group) == ("b", "mine")

    def test_from_another_object(self):
        project = Project.from_response_json({"projectId": 5})
        project.update_from_response_json(
            Project.from_response_json({"projectId": 6, "owner": "x"})
        )
        assert (project.id, project.owner) == (6, "x")

    def test_a_fault_changes_nothing(self):
        project = Project.from_response_json({"projectId": 5, "owner": "x"})
        before = project.to_dict()
        with pytest.raises(ResponseDecodeError):
            project.update_from_response_json({"owner": "y", "projectId": "no"})
        assert project.to_dict() == before

    def test_hook_runs_once_on_the_object_itself(self):
        seen = []

        class Hooked(Project):
            def _after_decode(self):
                seen.append(self)

        project = Hooked()
        project.update_from_response_json({"projectId": 5})
        assert seen == [project]


class TestEqualityAndText:
    def test_by_value(self):
        one, two = (Project.from_response_json({"projectId": 5, "services": ["A"]}) for _ in "ab")
        assert one == two
        assert hash(one) == hash(two)
        two.services = ["B"]
        assert one != two
        assert one != 5
        assert one != Project.from_response_json({"projectId": 5, "services": ["A"], "new": 1})

    def test_scope_plays_no_part(self):
        assert Project.from_response_json({"projectId": 5}, "a") == Project.from_response_json(
            {"projectId": 5}
        )

    def test_without_value_equality(self):
        one, two = _native.Feature("a"), _native.Feature("a")
        assert one != two
        assert len({one, two}) == 2
        assert type(Feature("a") == 5).__name__ == "Filter"

    def test_repr(self):
        feature = _native.Feature("a", "int", description="the 'a'")
        assert repr(feature).startswith(
            "Feature(name='a', type='int', description=\"the 'a'\", primary"
        )
        group = _native.FeatureGroup("a", 1, 67)
        group.description = group
        assert "FeatureGroup(...)" in repr(group)

    def test_secrets_are_masked(self):
        query = _native.ConstructedQuery.from_response_json({"hqsPayloadSignature": "top-secret"})
        assert query.hqs_payload_signature == "top-secret"
        for text in (repr(query), query._repr_html_()):
            assert "top-secret" not in text

    def test_html(self):
        project = Project.from_response_json({"projectName": "<b>", "owner": 'a"&'})
        html = project._repr_html_()
        assert html.startswith("<table><caption>Project</caption>")
        assert "<tr><th>name</th><td>&lt;b&gt;</td></tr>" in html
        assert "a&quot;&amp;" in html


class TestCopies:
    def test_copy_is_shallow(self):
        group = FeatureGroup.from_response_json(GROUP, "scope")
        group.note = "mine"
        other = copy.copy(group)
        assert type(other) is FeatureGroup
        assert other.features is group.features
        assert (other._scope, other.note) == ("scope", "mine")
        other.description = "other"
        assert group.description != "other"
        assert other.to_dict()["newerKey"] == GROUP["newerKey"]

    def test_deepcopy(self):
        scope = object()
        group = FeatureGroup.from_response_json(GROUP, scope)
        other = copy.deepcopy(group)
        assert other.features[0] is not group.features[0]
        assert other.features[0]._scope is scope
        assert other.to_dict() == group.to_dict()

    def test_deepcopy_of_a_cycle(self):
        group = FeatureGroup.from_response_json(GROUP)
        group.parents = [group]
        other = copy.deepcopy(group)
        assert other.parents[0] is other

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_pickle(self, protocol):
        group = FeatureGroup.from_response_json(GROUP, "scope")
        group.note = "mine"
        other = pickle.loads(pickle.dumps(group, protocol))
        assert type(other) is FeatureGroup
        assert type(other.features[0]) is Feature
        assert other._scope is None
        assert other.note == "mine"
        assert other.to_dict() == group.to_dict()

    def test_pickle_survives_a_change_of_the_table(self):
        project = Project.__new__(Project)
        project.__setstate__({"owner": "x", "gone": 1, "__extra__": {"new": 2}})
        assert project.owner == "x"
        assert project.to_dict()["new"] == 2
        with pytest.raises(TypeError):
            project.__setstate__([])


def test_a_secret_reaches_another_process():
    from hopsworks.secret import Secret

    secret = Secret("warehouse", "s3cr3tValue", visibility="PRIVATE")
    back = pickle.loads(pickle.dumps(secret))
    assert (back.name, back.visibility, back.value) == ("warehouse", "PRIVATE", "s3cr3tValue")
    assert copy.copy(secret).value == copy.deepcopy(secret).value == "s3cr3tValue"


def test_objects_with_the_same_keys_keep_their_order_and_values() -> None:
    """Dicts of one shape are made from a form; another order, other keys and repeated keys are told apart."""
    shapes = [
        {f"k{n}": n for n in range(8)},
        {f"k{n}": {"inner": [n] * n} for n in range(8)},
        {f"k{n}": None for n in reversed(range(8))},
        {f"other{n}": n for n in range(8)},
        {**{f"k{n}": n for n in range(7)}, "ünïcode": {f"k{n}": -n for n in range(8)}},
        {f"k{n}": n for n in range(70)},
    ]
    wanted = [shapes[number % len(shapes)] for number in range(60)] + shapes[:1] * 9
    text = json.dumps({"items": wanted, "twice": 0}).replace(
        '"twice": 0', '"twice": {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "a": 7}'
    )
    found = _native.decode_response("variable.versions", text.encode())
    assert found["items"] == wanted
    assert [list(item) for item in found["items"]] == [list(item) for item in wanted]
    assert found["twice"] == json.loads(text)["twice"]
    found["items"][0].clear()
    again = _native.decode_response("variable.versions", text.encode())
    assert again["items"] == wanted
    assert all(one is not other for one, other in itertools.combinations(again["items"], 2))
