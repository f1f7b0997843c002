"""Answers one GraphQL request: a query by its compiled read, the rest by graphql-core."""

import logging
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute,
    parse,
    validate,
)
from graphql.execution.values import VariableValues, get_argument_values, get_variable_values

from api.context import Context, public
from api.declare import Live
from api.guard import Guard, Weight, check_document, check_weight
from api.plan import Compiler, Uncompilable, refused
from api.plans import Plan, Plans, shape_of
from api.schema import DECLARED, SCHEMA
from api.settings import ApiSettings
from graph.errors import GraphError
from graph.live import Topic
from graph.read import NullInRequired

LOG = logging.getLogger("muhatap.api")
DOCUMENTS = 500
WEIGHTS = 100  # of one document
SHOWN = 200  # characters of a message


@dataclass(frozen=True, slots=True)
class Operation:
    """A document that was parsed and found valid, and the operation to run."""

    document: DocumentNode
    definition: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    sizes: tuple[str, ...]  # the variables that its weight depends on
    weights: dict[tuple[Any, ...], Weight] = field(default_factory=dict)

    def weight(self, variables: Mapping[str, Any]) -> Weight:
        """What it asks with these variables; pages of few sizes are asked for again and again."""
        key = tuple(variables.get(name) for name in self.sizes)
        if key not in self.weights:
            if len(self.weights) >= WEIGHTS:
                self.weights.clear()
            self.weights[key] = Guard(SCHEMA, self.document, variables).weigh(self.definition)
        return self.weights[key]


class Executor:
    """Runs documents; keeps those seen last, and their plans."""

    def __init__(self, settings: ApiSettings) -> None:
        self.settings = settings
        self.documents: OrderedDict[tuple[str, str | None], Operation] = OrderedDict()
        self.plans = Plans()

    async def answer(
        self,
        context: Context,
        query: str,
        variables: Mapping[str, Any],
        name: str | None,
        *,
        live: bool = False,
    ) -> dict[str, Any]:
        """The response of one request: `data`, and `errors` with a code each.

        What a subscription watches is read as it is now, if the request is `live`.
        """
        try:
            operation = self._operation(query, name)
            if operation.definition.operation is OperationType.SUBSCRIPTION and not live:
                raise refused("BAD_REQUEST", "Send `Accept: text/event-stream` with a subscription.")
            values = self._variables(operation, variables)
            check_weight(operation.weight(values.coerced), self.settings)
            if operation.definition.operation is not OperationType.MUTATION:
                try:
                    return {"data": await self._compiled(context, operation, values, query, name)}
                except (Uncompilable, NullInRequired):
                    pass
            return await self._executed(context, operation, variables)
        except GraphQLError as error:
            return {"data": None, "errors": [shown(error)]}
        except GraphError as error:
            return {"data": None, "errors": [{"message": public(error), "extensions": {"code": error.code}}]}
        except Exception as error:
            return {"data": None, "errors": [shown(GraphQLError(str(error), original_error=error))]}

    def topic(
        self, context: Context, query: str, variables: Mapping[str, Any], name: str | None
    ) -> Topic | None:
        """What a subscription watches; None if it is none, or one that can only be answered by an error."""
        try:
            operation = self._operation(query, name)
            values = self._variables(operation, variables)
            return self._topic(context, operation, values)
        except (GraphQLError, GraphError):
            return None

    def _topic(self, context: Context, operation: Operation, values: VariableValues) -> Topic | None:
        if operation.definition.operation is not OperationType.SUBSCRIPTION:
            return None
        made = compiler(context, operation.fragments, values)
        kind = made.object_type("Subscription")
        for nodes in made.collect(kind, [operation.definition.selection_set]).values():
            field, declared = nodes[0].name.value, DECLARED.get((kind.name, nodes[0].name.value))
            if isinstance(declared, Live):
                given = get_argument_values(kind.fields[field], nodes[0], values)
                return declared.topic({**given, "caller": context.caller.customer})
        return None

    def _operation(self, query: str, name: str | None) -> Operation:
        key = (query, name)
        if key in self.documents:
            self.documents.move_to_end(key)
            return self.documents[key]
        try:
            document = parse(query, max_tokens=self.settings.limit_tokens)
        except GraphQLError as error:
            too_long = "tokens" in error.message
            code = "QUERY_TOO_LARGE" if too_long else "GRAPHQL_PARSE_FAILED"
            raise GraphQLError(
                error.message, source=error.source, positions=error.positions, extensions={"code": code}
            ) from None
        found = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        chosen = [node for node in found if name is None or (node.name and node.name.value == name)]
        if len(chosen) != 1:
            raise refused("BAD_REQUEST", "Name the one operation to run with operationName.")
        check_document(document, chosen[0], self.settings)
        if errors := validate(SCHEMA, document, max_errors=5, hide_suggestions=True):
            first = errors[0]
            raise GraphQLError(first.message, first.nodes, extensions={"code": "GRAPHQL_VALIDATION_FAILED"})
        fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        guard = Guard(SCHEMA, document, {})
        guard.weigh(chosen[0])
        operation = self.documents[key] = Operation(
            document, chosen[0], fragments, tuple(sorted(guard.sizes))
        )
        if len(self.documents) > DOCUMENTS:
            self.documents.popitem(last=False)
        return operation

    def _variables(self, operation: Operation, given: Mapping[str, Any]) -> VariableValues:
        definitions = operation.definition.variable_definitions or ()
        values = get_variable_values(SCHEMA, definitions, dict(given), max_errors=5, hide_suggestions=True)
        if isinstance(values, list):
            raise GraphQLError(values[0].message, values[0].nodes, extensions={"code": "BAD_VARIABLE"})
        return values

    async def _compiled(
        self, context: Context, operation: Operation, values: VariableValues, query: str, name: str | None
    ) -> dict[str, Any]:
        with context.explain.timed("compile"):
            key = (query, name, context.caller.role, context.graph.engine, shape_of(values.coerced))

            def make() -> Plan:
                made = compiler(context, operation.fragments, values)
                root = made.object_type(operation.definition.operation.value.capitalize())
                return made.query(root, operation.definition.selection_set)

            plan = self.plans.get(key, make)
            parameters = plan.parameters(values)
        return await context.run(plan, parameters)

    async def _executed(
        self, context: Context, operation: Operation, variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        result = execute(
            SCHEMA,
            operation.document,
            context_value=context,
            variable_values=dict(variables),
            operation_name=operation.definition.name.value if operation.definition.name else None,
        )
        if not isinstance(result, ExecutionResult):
            result = await result
        response: dict[str, Any] = {"data": result.data}
        if result.errors:
            response["errors"] = [shown(error) for error in result.errors]
        return response


def compiler(context: Context, fragments: Any, values: VariableValues) -> Compiler:
    """A compiler for who asks."""
    return Compiler(SCHEMA, DECLARED, fragments, values, context.caller.role, context.graph.engine)


def shown(error: GraphQLError) -> dict[str, Any]:
    """An error as a caller may see it: what we did not expect is logged under an id, and hidden."""
    answer = error.formatted
    cause = error.original_error
    extensions = dict(error.extensions or {})
    if isinstance(cause, GraphError):
        answer["message"] = public(cause)
        extensions["code"] = cause.code
    elif cause is not None and not isinstance(cause, GraphQLError):
        name = secrets.token_hex(6)
        LOG.error("error %s", name, exc_info=cause)
        answer["message"] = "Something went wrong here. Quote this error id when you ask for help."
        extensions |= {"code": "INTERNAL", "errorId": name}
    extensions.setdefault("code", "BAD_REQUEST")
    answer["message"] = answer["message"][:SHOWN]
    return {**answer, "extensions": extensions}
