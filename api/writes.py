"""What all mutations share: policy, idempotency, one transaction, and a payload read in it by the compiler."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from enum import Enum
from typing import Annotated, Any

import orjson
import strawberry
from graphql import GraphQLObjectType, get_named_type, get_nullable_type, is_list_type
from strawberry import UNSET, Info

from api.auth import policy_of
from api.context import Context, public
from api.nodes import NODES
from api.plan import Compiler, refused
from api.relay import from_global_id
from graph import idempotency
from graph.driver import Transaction
from graph.errors import GraphError, Invalid
from graph.records import now
from graph.tokens import Role

# What an act leaves: for each field of the payload the uid of its record (a list: of each), or its value.
Left = Mapping[str, Any]
Act = Callable[[Transaction], Awaitable[Left]]
Then = Callable[[Left], Awaitable[None]]
# What the graph calls a value, where the input that brings it has another name.
INPUTS = {
    "uid": "id",
    "from": "giverId",
    "to": "receiverId",
    "names": "nameIds",
    "products": "productIds",
    "drafts": "draftIds",
    "duplicates": "duplicateIds",
    "topics": "topicIds",
    "value": "choice",
    "birthDate": "bornOn",
    "suspended": "isSuspended",
    "ideaLimit": "ideaLimitCount",
    "voteLimit": "voteLimitCount",
    "pointBudget": "budgetPoints",
    "hidesTally": "hasHiddenTally",
    "stock": "stockCount",
    "memberLimit": "limitCount",
    "limitDays": "limitDayCount",
    "switchedOn": "isSwitchedOn",
}
ADVOCACY = "MATCH ({f})-[{a}:ADVOCATED]->({t}) WHERE {a}.uid = $uid"
MEMBERSHIP = "MATCH ({c}:Customer {{uid: $uid}})-[{e}:MEMBER_OF]->({g}:Community {{uid: $other}})"
INBOX = "MATCH ({c}:Customer {{uid: $uid}})"
PROGRAMME = "OPTIONAL MATCH ({y}:Programme {{name: $uid}})"


@strawberry.enum(description="Why a change was refused.")
class ErrorCode(Enum):
    """Why a change was refused."""

    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="What was named is not there.")
    TAKEN = strawberry.enum_value("TAKEN", description="A key that must be unique is another's.")
    TOO_FAST = strawberry.enum_value("TOO_FAST", description="Too many in a short time; try again later.")
    CLOSED = strawberry.enum_value("CLOSED", description="Its time is over, or has not come.")
    NOT_ALLOWED = strawberry.enum_value("NOT_ALLOWED", description="Not for this customer.")
    INVALID = strawberry.enum_value("INVALID", description="An input that can never be accepted as it is.")
    CONFLICT = strawberry.enum_value(
        "CONFLICT",
        description="The idempotency key came with another input before, or what was looked at has changed.",
    )
    UNAVAILABLE = strawberry.enum_value(
        "UNAVAILABLE", description="The database cannot answer now; try again."
    )


@strawberry.type(description="An expected failure, to be shown beside the input it is about.")
class UserError:
    """An expected failure."""

    code: ErrorCode = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people: what is wrong and how to mend it.")
    field: list[str] | None = strawberry.field(description="The path of the input it is about, if it is one.")


IdempotencyKey = Annotated[
    str | None,
    strawberry.argument(
        description="Chosen by the caller; the same key and input give the same answer for 24 h."
    ),
]


async def perform(info: Info, act: Act, body: Any, key: str | None = None, then: Then | None = None) -> Any:
    """Run an act and read its payload in the same transaction; a refusal becomes the payload's errors.

    What takes many transactions is begun by an act and gone on with by `then`, after which the payload is read.
    """
    context: Context = info.context
    name = info.field_name
    if context.caller.role not in policy_of("Mutation", name):
        raise refused("FORBIDDEN", f"{name} is not for the role {context.caller.role}.")
    nodes = info._raw_info.field_nodes
    reader = _Payload(info, nodes)

    async def begin(tx: Transaction) -> Left:
        return await (act(tx) if key is None else _once(tx, context, name, key, body, act))

    async def work(tx: Transaction) -> dict[str, Any]:
        return await reader.read(tx, await begin(tx))

    try:
        if then is None:
            return await context.graph.write(work)
        left = await context.graph.write(begin)
        await then(left)
        return await context.graph.write(reader.read, left)
    except GraphError as error:
        return reader.refusal(error)


async def _once(
    tx: Transaction, context: Context, name: str, key: str, body: Any, act: Act
) -> Mapping[str, Any]:
    answer: Mapping[str, Any] = await idempotency.once(
        tx, act, scope=f"{context.caller.key}:{name}", key=key, body=_body(body), now=now()
    )
    return answer


def _body(body: Any) -> str:
    """The input as text that is the same whenever the input is."""

    def plain(value: Any) -> Any:
        if isinstance(value, Enum):
            return value.value
        return "UNSET" if value is UNSET else str(value)

    plain_body = asdict(body) if is_dataclass(body) and not isinstance(body, type) else body
    return hashlib.sha256(orjson.dumps(plain_body, default=plain, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(slots=True)
class _Payload:
    """The fields of a payload that were asked for."""

    info: Info
    nodes: Any

    def _compiler(self) -> Compiler:
        from api.execute import compiler  # the executor builds on the schema, and the schema on this

        raw = self.info._raw_info
        made = compiler(self.info.context, raw.fragments, raw.variable_values)
        made.owned = self.info.context.caller.role is Role.CUSTOMER  # who changes only what is their own
        return made

    def _asked(self) -> tuple[GraphQLObjectType, dict[str, Any]]:
        kind = get_named_type(self.info._raw_info.return_type)
        if not isinstance(kind, GraphQLObjectType):
            raise TypeError(f"{kind} is no payload")
        sets = [node.selection_set for node in self.nodes if node.selection_set]
        return kind, self._compiler().collect(kind, sets)

    async def read(self, tx: Transaction, left: Left) -> dict[str, Any]:
        """The payload by response key."""
        kind, asked = self._asked()
        payload: dict[str, Any] = {}
        for key, nodes in asked.items():
            name = nodes[0].name.value
            if name == "errors":
                payload[key] = []
            elif name != "__typename":
                target = get_named_type(kind.fields[name].type)
                value = left.get(name)
                payload[key] = value
                if value is None or not isinstance(target, GraphQLObjectType):
                    continue
                if is_list_type(get_nullable_type(kind.fields[name].type)):
                    payload[key] = [await self._record(tx, key, target.name, nodes, one) for one in value]
                else:
                    payload[key] = await self._record(tx, key, target.name, nodes, value)
        return payload

    async def _record(self, tx: Transaction, key: str, type_name: str, nodes: Any, value: Any) -> Any:
        parameters = {"uid": value}
        head, roles = _place(type_name)
        if type_name == "Membership":
            parameters = {"uid": value[0], "other": value[1]}
        plan = self._compiler().record(key, type_name, nodes, head, roles)
        answer = await self.info.context.run(plan, {**plan.parameters(self._variables()), **parameters}, tx)
        return answer[key]

    def _variables(self) -> Any:
        return self.info._raw_info.variable_values

    def refusal(self, error: GraphError) -> dict[str, Any]:
        """The payload of an act that was refused."""
        _, asked = self._asked()
        codes = ErrorCode.__members__
        code = codes.get(error.code, ErrorCode.INVALID)
        message, path = public(error), self._path(error.field)
        if path and error.field and message.startswith(f"{error.field} "):
            message = ".".join(path) + message.removeprefix(error.field)
        shown = [UserError(code=code, message=message, field=path)]
        return {key: shown if nodes[0].name.value == "errors" else None for key, nodes in asked.items()}

    def _path(self, field: str | None) -> list[str] | None:
        """The path of the input that a field of the graph came from."""
        if field is None:
            return None
        first, *rest = field.split(".")
        mutation = self.info._raw_info.parent_type.fields[self.info.field_name]
        inputs = getattr(get_named_type(mutation.args["input"].type), "fields", {})
        names = (first, f"{first}Id", INPUTS.get(first, first))
        return [next((name for name in names if name in inputs), first), *rest]


def _place(type_name: str) -> tuple[str, tuple[str, ...]]:
    if type_name == "AdvocacyLink":
        return ADVOCACY, ("f", "a", "t")
    if type_name == "Membership":
        return MEMBERSHIP, ("c", "e", "g")
    if type_name == "Inbox":
        return INBOX, ("c",)
    if type_name == "Programme":
        return PROGRAMME, ("y",)
    role = NODES[type_name]
    return f"MATCH ({{{role}}}:{type_name} {{{{uid: $uid}}}})", (role,)


def uid(value: Any, type_name: str, field: str) -> str:
    """The uid of an id given in an input.

    Raises
    ------
    Invalid
        When it is no id of this type.
    """
    try:
        return from_global_id(value, type_name)[1]
    except Invalid as error:
        raise Invalid(error.message, field=field) from error


def uid_or_none(value: Any, type_name: str, field: str) -> str | None:
    """The same for an id that may be left out."""
    return None if value is None or value is UNSET else uid(value, type_name, field)


def given(value: Any) -> Any:
    """A value of an input, None where it was left out."""
    return None if value is UNSET else value


def named(value: Any) -> Any:
    """The name of an enum's member as it is stored."""
    return value.value if isinstance(value, Enum) else given(value)


def own(info: Info, customer: str) -> str:
    """The customer, if the caller may act for them: a customer acts only for themselves."""
    caller = info.context.caller
    if caller.role is Role.CUSTOMER and caller.customer != customer:
        raise refused("FORBIDDEN", "A customer acts only for themselves.")
    return customer
