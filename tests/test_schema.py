"""schema.graphql is what the code says, and keeps the rules that frontends rely on."""

import re
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from api.auth import policy_of
from api.declare import Live
from api.nodes import NODES
from api.schema import DECLARED, SCHEMA, schema

OWN = [kind for name, kind in SCHEMA.type_map.items() if not name.startswith("__")]
OBJECTS = [kind for kind in OWN if isinstance(kind, GraphQLObjectType)]
SCALARS = {"String", "Int", "Float", "Boolean", "ID"}


def test_the_file_is_what_the_code_prints() -> None:
    assert Path(__file__).parents[1].joinpath("schema.graphql").read_text() == schema.as_str() + "\n"


@pytest.mark.parametrize("kind", OWN, ids=lambda kind: kind.name)
def test_everything_is_described(kind: GraphQLNamedType) -> None:
    if kind.name in SCALARS:
        return
    assert kind.description
    if isinstance(kind, GraphQLEnumType):
        assert all(value.description for value in kind.values.values())
    if isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
        for field in kind.fields.values():
            assert field.description
            assert all(argument.description for argument in field.args.values())
    if isinstance(kind, GraphQLInputObjectType):
        assert all(field.description for field in kind.fields.values())


@pytest.mark.parametrize("kind", OBJECTS, ids=lambda kind: kind.name)
def test_every_field_has_a_policy(kind: GraphQLObjectType) -> None:
    for name in kind.fields:
        assert policy_of(kind.name, name)


def test_a_mutation_is_a_noun_and_a_verb_with_its_payload() -> None:
    assert SCHEMA.mutation_type
    for name, field in SCHEMA.mutation_type.fields.items():
        payload = get_named_type(field.type)
        assert re.match(
            r"^(customer|community|mention|advocacy|challenge|idea|ideaDecision|ideaMerge|ideaSplit|ideaTopics|comment"
            r"|influence|tally|programme|act|reward|redemption|referral|referralLink|consent|inbox|notice)[A-Z][a-z]+$",
            name,
        )
        assert payload.name == name[0].upper() + name[1:] + "Payload"
        assert str(payload.fields["errors"].type) == "[UserError!]!"
        assert {"input", "idempotencyKey"} == set(field.args)
        results = [f for key, f in payload.fields.items() if key != "errors"]
        assert all(not is_non_null_type(result.type) for result in results)


def test_a_subscription_is_a_noun_and_what_became_of_it_and_may_be_of_nothing() -> None:
    assert SCHEMA.subscription_type
    for name, field in SCHEMA.subscription_type.fields.items():
        assert re.match(r"^[a-z]+(Run)?(Published|Progress|Changed)$", name)
        assert isinstance(DECLARED["Subscription", name], Live)
        assert not is_non_null_type(field.type)


def test_lists_hold_no_nulls() -> None:
    for kind in OBJECTS:
        for name, field in kind.fields.items():
            inner = field.type.of_type if is_non_null_type(field.type) else field.type
            if is_list_type(inner):
                assert is_non_null_type(inner.of_type), f"{kind.name}.{name}"


def test_records_are_nodes_and_ids_stay_in_inputs() -> None:
    for name in [*NODES, "AdvocacyLink"]:
        kind = SCHEMA.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        assert "Node" in [face.name for face in kind.interfaces]
    for kind in OBJECTS:
        ids = [name for name, field in kind.fields.items() if get_named_type(field.type).name == "ID"]
        assert set(ids) <= {"id", "deletedId", "retractedId"}, kind.name


def test_names_say_what_a_value_is() -> None:
    for kind in OBJECTS:
        for name, field in kind.fields.items():
            named = get_named_type(field.type).name
            if named == "Boolean":
                assert re.match(r"^(is|has|can)[A-Z]", name), f"{kind.name}.{name}"
            if named == "DateTime":
                assert name in {"at", "since", "asOf"} or name.endswith("At"), f"{kind.name}.{name}"
            if named == "Date":
                assert name.endswith(("On", "For")), f"{kind.name}.{name}"
            if named == "Int":
                assert name in {"value", "points", "version"} or name.endswith(("Count", "Points")), (
                    f"{kind.name}.{name}"
                )


def test_connections_have_keyset_pages() -> None:
    for kind in OBJECTS:
        for name, field in kind.fields.items():
            if get_named_type(field.type).name.endswith("Connection"):
                assert {"first", "after"} <= set(field.args), f"{kind.name}.{name}"
                assert field.args["first"].default_value == 20


def test_a_deprecation_names_its_replacement_and_its_day() -> None:
    for kind in OBJECTS:
        for field in kind.fields.values():
            if field.deprecation_reason:
                assert re.search(r"Use `\w+`.*\d{4}-\d{2}-\d{2}", field.deprecation_reason)
