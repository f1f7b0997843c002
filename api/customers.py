"""Customers: who they are, found by id or handle, listed by filter; mutations that keep them."""

from dataclasses import replace

import strawberry
from strawberry import ID, UNSET, Info

from api.declare import Connected, ToOne, argument, connection, mutation, root
from api.enums import CustomerKind, CustomerOrder
from api.filters import CustomerFilter
from api.relay import Connection
from api.scalars import DateTime
from api.types import Customer
from api.writes import IdempotencyKey, Left, UserError, given, named, perform, uid_or_none
from graph import customers
from graph.customers import Handle
from graph.driver import Transaction
from graph.records import now
from graph.selection import LAST, Index, Order, Source
from graph.text import identity_key

NAMED = Index("MATCH ({c}:Customer)", "{c}.nameKey", present="{c}.nameKey > ''", label="Customer")
REACHING = replace(NAMED, key="{c}.reach@influence", present="{c}.reach@influence > 0.0")
ORDERS = {
    "NEWEST": Order("{c}.uid", descending=True),
    "NAME": Order(f"coalesce({{c}}.nameKey, {LAST})", tie="{c}.uid", index=NAMED),
    "REACH": Order("coalesce({c}.reach@influence, -1.0)", descending=True, tie="{c}.uid", index=REACHING),
}


@strawberry.type
class CustomerQueries:
    """Customers by id, by handle and by filter."""

    customer: Customer | None = root(
        ToOne(Source("MATCH ({c}:Customer {{uid: $id}})", ("c",)), {"id": "Customer"}),
        "The customer of this id.",
        id=argument(ID, "Id of a Customer."),
    )
    customer_by_identity: Customer | None = root(
        ToOne(
            Source("MATCH ({i}:Identity {{key: $key}})<-[:IDENTIFIED_BY]-({c})", ("i", "c")),
            combine=lambda values: {"key": identity_key(values["channel"], values["handle"])},
        ),
        "The customer who has this handle; look-alikes and case do not matter.",
        channel=argument(str, "The channel, for instance twitter or email."),
        handle=argument(str, "The handle there."),
    )
    customers: Connection[Customer] = connection(
        Connected(Source("MATCH ({c}:Customer)", ("c",), where=("{c}.uid > ''",)), ORDERS, "CustomerFilter"),
        "Customers, by filter and order.",
        filter=CustomerFilter,
        order=CustomerOrder,
        default_order=CustomerOrder.NEWEST,
    )


@strawberry.input(description="A handle on a channel.")
class HandleInput:
    """A handle on a channel."""

    channel: str = strawberry.field(description="The channel, for instance twitter.")
    handle: str = strawberry.field(description="The handle there.")


@strawberry.input(description="A customer to keep. What is left out stays as it is; null clears it.")
class CustomerUpsertInput:
    """A customer to keep."""

    id: ID | None = strawberry.field(
        default=UNSET, description="The customer to change; else by external id."
    )
    external_id: str | None = strawberry.field(default=UNSET, description="Your own id for this customer.")
    identities: list[HandleInput] | None = strawberry.field(default=UNSET, description="Handles to add.")
    shared_identities: list[HandleInput] | None = strawberry.field(
        default=UNSET, description="Handles of other customers, who stay their holders: all are one person's."
    )
    name: str | None = strawberry.field(default=UNSET, description="Display name.")
    locale: str | None = strawberry.field(default=UNSET, description="Language and country.")
    city: str | None = strawberry.field(default=UNSET, description="City.")
    email: str | None = strawberry.field(default=UNSET, description="E-mail address.")
    phone: str | None = strawberry.field(default=UNSET, description="Phone number.")
    born_on: str | None = strawberry.field(default=UNSET, description="Date of birth, YYYY-MM-DD.")
    joined_at: DateTime | None = strawberry.field(default=UNSET, description="When they joined.")
    value: float | None = strawberry.field(default=UNSET, description="What they are worth.")
    kind: CustomerKind | None = strawberry.field(default=UNSET, description="What kind of account it is.")
    is_suspended: bool | None = strawberry.field(default=UNSET, description="Suspend, or take back.")


@strawberry.type(description="What came of customerUpsert.")
class CustomerUpsertPayload:
    """What came of customerUpsert."""

    customer: Customer | None = strawberry.field(description="The customer as it is now.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.")


RENAMED = {"born_on": "birthDate", "joined_at": "joinedAt", "is_suspended": "suspended"}
KEPT = ("name", "locale", "city", "email", "phone", "born_on", "joined_at", "value", "kind", "is_suspended")


@strawberry.type
class CustomerMutations:
    """Keeps customers."""

    @mutation("Keep a customer: changed if known by id, external id or handle, else new.")
    async def customer_upsert(
        self, info: Info, input: CustomerUpsertInput, idempotency_key: IdempotencyKey = None
    ) -> CustomerUpsertPayload:
        """Keep a customer."""
        values = {RENAMED.get(name, name): getattr(input, name) for name in KEPT}
        fields = {name: named(value) for name, value in values.items() if value is not UNSET}
        handles, shared = (
            [Handle(item.channel, item.handle) for item in given(items) or ()]
            for items in (input.identities, input.shared_identities)
        )

        async def act(tx: Transaction) -> Left:
            kept = await customers.upsert(
                tx,
                now=now(),
                fields=fields,
                uid=uid_or_none(input.id, "Customer", "id"),
                external_id=given(input.external_id),
                identities=handles,
                shared=shared,
            )
            return {"customer": kept.uid}

        payload: CustomerUpsertPayload = await perform(info, act, input, idempotency_key)
        return payload
