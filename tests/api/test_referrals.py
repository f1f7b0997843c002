"""Referral links over HTTP: made, followed, joined by, converted, ranked by what they brought."""

from typing import Any

from api.relay import to_global_id
from graph.tokens import Role
from tests.api.calls import as_customer, call, code, make, pages, person, refusal
from tests.api.conftest import Client

NOBODY = to_global_id("Customer")("none")
COUNTS = "visitCount signUpCount conversionCount value"


async def link_of(client: Client, advocate: str, **given: Any) -> tuple[str, str]:
    """The id and the code of a link."""
    kept = await call(client, "referralLinkUpsert", "link { id code }", advocateId=advocate, **given)
    assert kept["errors"] == []
    return kept["link"]["id"], kept["link"]["code"]


async def brought(client: Client, link: str, *names: str, value: float) -> None:
    """New customers who came by a link and were converted, each worth as much."""
    for name in names:
        who = await person(client, name)
        assert (await call(client, "referralJoin", "", code=link, customerId=who))["errors"] == []
        made = await call(client, "referralConvert", "", customerId=who, value=value)
        assert made["errors"] == []


async def test_a_link_is_kept_changed_and_found_by_its_code(client: Client) -> None:
    ada = await person(client, "Ada")
    shown = "link { id code label isSwitchedOn endsAt windowDayCount advocate { name } product { name } }"
    made = (await call(client, "referralLinkUpsert", shown, advocateId=ada, label="Spring"))["link"]
    expected = {"label": "Spring", "isSwitchedOn": True, "endsAt": None, "windowDayCount": 30}
    expected |= {"advocate": {"name": "Ada"}, "product": None, "id": made["id"], "code": made["code"]}
    assert made == expected
    given: dict[str, Any] = {"endsAt": "2030-01-01T00:00:00Z", "windowDays": 7, "isSwitchedOn": False}
    changed = await call(client, "referralLinkUpsert", shown, advocateId=ada, label="SPRING", **given)
    expected |= {"endsAt": "2030-01-01T00:00:00.000Z", "windowDayCount": 7, "isSwitchedOn": False}
    assert changed == {"link": expected, "errors": []}
    document = "query($code: String!) { referralLink(code: $code) { id } }"
    typed = f" {made['code'][:4].lower()}-{made['code'][4:]}"
    assert (await client.data(document, code=typed))["referralLink"] == {"id": made["id"]}
    assert (await client.data(document, code="nothing"))["referralLink"] is None


async def test_a_conversion_is_shown_from_both_ends(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    link, token = await link_of(client, ada)
    for visitor in ("v1", "v2", "v1"):
        await call(client, "referralVisit", "", code=token, visitor=visitor)
    joined = await call(
        client, "referralJoin", "customer { name } link { signUpCount }", code=token, customerId=bob
    )
    assert joined == {"customer": {"name": "Bob"}, "link": {"signUpCount": 1}, "errors": []}
    shown = f"conversion {{ id kind outcome value referralLink {{ id }} }} link {{ {COUNTS} }}"
    made = await call(client, "referralConvert", shown, customerId=bob, outcome="bought", value=40.0)
    conversion = made["conversion"]
    assert conversion == {
        "id": conversion["id"],
        "kind": "REFERRAL",
        "outcome": "bought",
        "value": 40.0,
        "referralLink": {"id": link},
    }
    assert made["link"] == {"visitCount": 2, "signUpCount": 1, "conversionCount": 1, "value": 40.0}
    again = await call(
        client, "referralConvert", "conversion { id }", customerId=bob, outcome="bought", value=40
    )
    assert again == {"conversion": {"id": conversion["id"]}, "errors": []}
    document = """query($id: ID!) { customer(id: $id) {
      referralLinks { nodes { conversions { totalCount nodes { id receiver { name } } } } }
      advocated { nodes { id } }
    } }"""
    assert (await client.data(document, id=ada))["customer"] == {
        "referralLinks": {
            "nodes": [
                {
                    "conversions": {
                        "totalCount": 1,
                        "nodes": [{"id": conversion["id"], "receiver": {"name": "Bob"}}],
                    }
                }
            ]
        },
        "advocated": {"nodes": [{"id": conversion["id"]}]},
    }
    await call(client, "advocacyRetract", "", id=conversion["id"])
    counts = await client.data(f"{{ referralLinks {{ nodes {{ {COUNTS} }} }} }}")
    assert counts["referralLinks"]["nodes"] == [
        {"visitCount": 2, "signUpCount": 1, "conversionCount": 0, "value": 0.0}
    ]


async def test_links_are_ranked_by_what_they_brought(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    many = (await link_of(client, ada, label="many"))[1]
    much = (await link_of(client, bob, label="much"))[1]
    await link_of(client, ada, label="nothing")
    await brought(client, many, "a", "b", "c", value=1.0)
    await brought(client, much, "d", value=100.0)
    ranked = {
        "VALUE": ["much", "many", "nothing"],
        "CONVERSIONS": ["many", "much", "nothing"],
        "NEWEST": ["nothing", "much", "many"],
    }
    for order, labels in ranked.items():
        found = await pages(client, "referralLinks", "label", "label", f"order: {order},")
        assert found == [labels[:2], labels[2:]]
    mine = 'filter: {advocate: {name: {eq: "ADA"}}, label: {startsWith: "m"}},'
    assert await pages(client, "referralLinks", "label", "label", mine) == [["many"]]


async def test_refusals_stand_beside_the_input(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    _, token = await link_of(client, ada)
    assert await refusal(client, "referralLinkUpsert", advocateId=NOBODY) == ("NOT_FOUND", ["advocateId"])
    assert await refusal(client, "referralLinkUpsert", advocateId=ada, windowDays=0) == (
        "INVALID",
        ["windowDays"],
    )
    assert await refusal(client, "referralVisit", code="X", visitor="v") == ("NOT_FOUND", ["code"])
    assert await refusal(client, "referralJoin", code=token, customerId=ada) == ("NOT_ALLOWED", ["code"])
    assert await refusal(client, "referralConvert", customerId=bob) == ("NOT_FOUND", ["customerId"])
    await link_of(client, ada, isSwitchedOn=False)
    assert await refusal(client, "referralJoin", code=token, customerId=bob) == ("CLOSED", ["code"])
    off = await call(client, "referralLinkUpsert", "link { isSwitchedOn }", advocateId=ada, isSwitchedOn=None)
    assert off["errors"] == [{"code": "INVALID", "field": ["isSwitchedOn"]}]


async def test_customers_pass_on_their_own_links_and_join_for_themselves(client: Client) -> None:
    ada, bob = await person(client, "Ada"), await person(client, "Bob")
    mine, other = await as_customer(client, "Ada"), await as_customer(client, "Bob")
    token = (await link_of(mine, ada))[1]
    assert await make(mine, "referralLinkUpsert", advocateId=ada)
    document = "mutation($i: ReferralLinkUpsertInput!) { referralLinkUpsert(input: $i) { link { %s } } }"
    for given, shown in (
        ({"advocateId": bob}, "code"),
        ({"advocateId": ada, "isSwitchedOn": True}, "code"),
        ({"advocateId": ada}, "value"),
    ):
        assert code(await mine(document % shown, i=given)) == "FORBIDDEN"
    join = "mutation($i: ReferralJoinInput!) { referralJoin(input: $i) { link { code } errors { code } } }"
    assert code(await mine(join, i={"code": token, "customerId": bob})) == "FORBIDDEN"
    joined = await other.data(join, i={"code": token, "customerId": bob})
    assert joined["referralJoin"] == {"link": {"code": token}, "errors": []}
    convert = "mutation($i: ReferralConvertInput!) { referralConvert(input: $i) { errors { code } } }"
    assert code(await other(convert, i={"customerId": bob})) == "FORBIDDEN"
    agent = await client.as_role(Role.AGENT)
    assert (await agent.data(convert, i={"customerId": bob}))["referralConvert"] == {"errors": []}
