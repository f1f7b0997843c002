"""Referral links: codes that advocates pass on, who came by them, and the one link that brought a customer."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from graph import acts, advocacy, validate
from graph.advocacy import Advocacy, AdvocacyKind
from graph.customers import CustomerKind
from graph.driver import Transaction
from graph.errors import Closed, Invalid, NotAllowed, NotFound, Taken
from graph.known import Noun, require_maybe
from graph.programme import ActKind, takes_part
from graph.records import new_uid, parse_instant, to_instant
from graph.rows import one, rows, run
from graph.text import fold, normalise_email, normalise_phone

# No letter or digit here is drawn, or heard, like another: 23 ** 10 codes, 45 bits of chance.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
LENGTH = 10
# Days within which a customer who came by a link is converted by it.
WINDOW = 30
LONGEST_WINDOW = 365
# Links of one advocate at most.
LINKS = 100
VISITOR = 500

MAIL = frozenset({"email", "e-mail", "mail", "eposta", "e-posta"})
PHONE = frozenset({"phone", "telephone", "mobile", "sms", "whatsapp", "telefon", "gsm"})
DOTLESS = frozenset({"gmail.com", "googlemail.com"})


@dataclass(frozen=True, slots=True)
class ReferralLink:
    """Which link a write met, and whether it was new."""

    uid: str
    code: str
    created: bool


@dataclass(frozen=True, slots=True)
class Conversion:
    """The link that brought a customer, the advocacy link it made, and whether this call made it."""

    link: str
    advocacy: str
    created: bool


def new_code() -> str:
    """A code that nobody guesses: ten letters drawn by the system's source of chance."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def code_key(code: str) -> str:
    """A code as it is stored, however somebody typed it.

    >>> code_key(" acd-efg 34679 ")
    'ACDEFG34679'
    """
    return "".join(code.upper().replace("-", "").split())


# The touch takes the advocate's lock, so that links are counted one after the other.
ADVOCATE = """
MATCH (c:Customer {uid: $uid})
SET c.touched = coalesce(c.touched, 0) + 1
RETURN coalesce(c.kind, 'PERSON') AS kind, coalesce(c.suspended, false) AS suspended,
  COUNT { (c)-[:OFFERS]->() } AS links
"""

STORED = "MATCH (k:ReferralLink {key: $key}) RETURN k.uid AS uid, k.code AS code"

CREATE = """
MATCH (c:Customer {uid: $advocate})
CREATE (c)-[:OFFERS]->(k:ReferralLink {uid: $uid, code: $code, key: $key})
SET k += $properties
"""

FOR = "MATCH (k:ReferralLink {uid: $uid}), (p:Product {uid: $product}) CREATE (k)-[:PROMOTES]->(p)"

CHANGE = "MATCH (k:ReferralLink {uid: $uid}) SET k += $properties"


async def keep(
    tx: Transaction,
    *,
    advocate: str,
    now: str,
    label: str | None = None,
    product: str | None = None,
    fields: Mapping[str, object] | None = None,
) -> ReferralLink:
    """Add or change the link of this advocate, product and label; what `fields` leaves out stays as it is.

    `fields` are `endsAt` (None: without end), `windowDays` and `switchedOn`.
    """
    properties = _properties(fields or {})
    shown = None if label is None else validate.line(label, "label")
    about = await require_maybe(tx, Noun.PRODUCT, product, "product")
    owner = await one(tx, ADVOCATE, uid=validate.identifier(advocate, "advocate"))
    if owner is None:
        raise NotFound(f"There is no customer {advocate}: give the id of one.", field="advocate")
    key = ":".join([advocate, *about, "", fold(shown or "")])
    if stored := await one(tx, STORED, key=key):
        await run(tx, CHANGE, uid=stored["uid"], properties=properties)
        return ReferralLink(stored["uid"], stored["code"], created=False)
    _check_person(owner, advocate, "advocate")
    if owner["links"] >= LINKS:
        raise NotAllowed(f"Customer {advocate} has {LINKS} links: change one of them.", field="advocate")
    uid, code = new_uid(), new_code()
    begun = {"createdAt": now, "windowDays": WINDOW, "switchedOn": True, "conversions": 0, "value": 0.0}
    named = {} if shown is None else {"label": shown, "labelKey": fold(shown)}
    await run(
        tx, CREATE, advocate=advocate, uid=uid, code=code, key=key, properties=begun | named | properties
    )
    for each in about:
        await run(tx, FOR, uid=uid, product=each)
    return ReferralLink(uid, code, created=True)


LINK = """
MATCH (c:Customer)-[:OFFERS]->(k:ReferralLink {code: $code})
RETURN k.uid AS uid, k.endsAt AS endsAt, k.switchedOn AS switchedOn, k.windowDays AS windowDays,
  c.uid AS advocate, coalesce(c.kind, 'PERSON') AS kind, coalesce(c.suspended, false) AS suspended
"""

# The touch takes the write lock: one visitor's visits of a link are one, the first of which still counts.
VISIT = """
MERGE (v:ReferralVisit {key: $key})
SET v.visitor = $visitor, v.at = CASE WHEN v.at IS NULL OR v.at < $oldest THEN $now ELSE v.at END
WITH v MATCH (k:ReferralLink {uid: $link})
MERGE (v)-[:VISITED]->(k)
"""


async def visit(tx: Transaction, *, code: str, visitor: str, now: str) -> str:
    """Somebody unknown came by a link, once a visitor; returns the link's uid. Of `visitor` only a hash is kept."""
    link = await _open_link(tx, code, now)
    name = _hashed(visitor)
    oldest = _oldest(now, link["windowDays"])
    await run(tx, VISIT, key=f"{link['uid']}:{name}", visitor=name, link=link["uid"], now=now, oldest=oldest)
    return str(link["uid"])


# Who came is locked before anything is looked at: a customer is converted once, and joins once by a link.
CUSTOMER = """
MATCH (c:Customer {uid: $uid})
SET c.touched = coalesce(c.touched, 0) + 1
RETURN coalesce(c.kind, 'PERSON') AS kind, coalesce(c.suspended, false) AS suspended
"""

VISITS = """
MATCH (v:ReferralVisit {visitor: $visitor})-[:VISITED]->(k)<-[:OFFERS]-(c)
RETURN k.uid AS uid, k.windowDays AS windowDays, v.at AS at, c.uid AS advocate
"""

CAME_BY = """
MATCH (c:Customer {uid: $customer}), (k:ReferralLink {uid: $link})
MERGE (c)-[t:CAME_BY]->(k)
SET t.at = CASE WHEN t.at IS NULL OR t.at < $oldest THEN $at ELSE t.at END
"""


async def join(tx: Transaction, *, code: str, customer: str, now: str, visitor: str | None = None) -> str:
    """A customer came by a link, and by those which the same visitor saw before; returns the link's uid.

    Nobody comes by a link of their own: see `marks`.
    """
    link = await _open_link(tx, code, now)
    await _customer(tx, customer)
    seen = [] if visitor is None else await rows(tx, VISITS, visitor=_hashed(visitor))
    touches = {row["uid"]: row for row in seen if row["at"] >= _oldest(now, row["windowDays"])}
    touches.setdefault(link["uid"], link | {"at": now})
    same = await _same_people(tx, customer, [row["advocate"] for row in touches.values()])
    if link["advocate"] in same:
        raise NotAllowed("Nobody refers themselves: this link is the customer's own.", field="code")
    for uid, row in sorted(touches.items()):
        if row["advocate"] not in same:
            oldest = _oldest(now, row["windowDays"])
            await run(tx, CAME_BY, customer=customer, link=uid, at=row["at"], oldest=oldest)
    return str(link["uid"])


CONVERTED = """
MATCH (a)-[l:ADVOCATED]->(:Customer {uid: $uid})
WHERE l.referralLink IS NOT NULL OR l.externalId = $key
RETURN l.uid AS uid, l.referralLink AS link, l.outcome AS outcome, l.value AS value, l.outcomeAt AS at
"""


async def convert(
    tx: Transaction,
    *,
    customer: str,
    now: str,
    outcome: str = "CONVERTED",
    value: float | None = None,
    at: str | None = None,
) -> Conversion:
    """What was hoped for happened at `at`: record it as the referral of the first link still in its window.

    A customer is converted once. The same outcome and value again give the same answer; others are refused. If the
    advocate takes part in the programme, it is recorded there as their act, to be judged.
    """
    what = validate.line(outcome, "outcome")
    worth = None if value is None else validate.number(value, "value", low=0)
    when = now if at is None else validate.moment(at, "at")
    if when > now:
        raise Invalid("at lies in the future: give the instant at which it happened.", field="at")
    await _customer(tx, customer)
    key = f"referral:{customer}"
    if done := await one(tx, CONVERTED, uid=customer, key=key):
        if (done["outcome"], done["value"]) != (what, worth) or (at is not None and done["at"] != when):
            raise Taken(f"Customer {customer} was converted at {done['at']} already.", field="customer")
        return Conversion(done["link"], done["uid"], created=False)
    touch = await _attributed(tx, customer, when)
    kept: Advocacy = await advocacy.record(
        tx,
        giver=touch["advocate"],
        receiver=customer,
        kind=AdvocacyKind.REFERRAL,
        weight=1.0,
        now=now,
        at=touch["at"],
        product=touch["product"],
        outcome=what,
        outcome_at=when,
        value=worth,
        external_id=key,
        referral_link=touch["uid"],
    )
    if kept.created and await takes_part(tx, touch["advocate"]):
        await acts.record(tx, customer=touch["advocate"], kind=ActKind.REFERRAL, link=kept.uid, now=now)
    return Conversion(touch["uid"], kept.uid, kept.created)


TOUCHES = """
MATCH (:Customer {uid: $uid})-[t:CAME_BY]->(k)<-[:OFFERS]-(c)
OPTIONAL MATCH (k)-[:PROMOTES]->(p)
RETURN k.uid AS uid, k.windowDays AS windowDays, t.at AS at, c.uid AS advocate, p.uid AS product,
  coalesce(c.kind, 'PERSON') AS kind, coalesce(c.suspended, false) AS suspended
"""


async def _attributed(tx: Transaction, customer: str, when: str) -> dict[str, Any]:
    """The touch that the conversion is owed to: the first inside its link's window.

    Not the last: a code that is spread just before people buy would take what others earned.
    """
    found = await rows(tx, TOUCHES, uid=customer)
    within = [row for row in found if _oldest(when, row["windowDays"]) <= row["at"] <= when and _can(row)]
    same = await _same_people(tx, customer, [row["advocate"] for row in within])
    owed = [row for row in within if row["advocate"] not in same]
    if not owed:
        raise NotFound(
            f"No link that may still be credited brought customer {customer}: nothing to record.",
            field="customer",
        )
    return min(owed, key=lambda row: (row["at"], row["uid"]))


MARKS = """
UNWIND $uids AS uid
MATCH (c:Customer {uid: uid})
OPTIONAL MATCH (c)-[:IDENTIFIED_BY]->(i)
RETURN uid, c.email AS email, c.phone AS phone, collect([i.channel, i.handle, i.key]) AS accounts
"""


async def _same_people(tx: Transaction, customer: str, others: Sequence[str]) -> set[str]:
    """Those among the others who are this customer, or share an e-mail address, a phone or an account with it."""
    found = await rows(tx, MARKS, uids=sorted({customer, *others}))
    by_uid = {row["uid"]: marks(row["email"], row["phone"], row["accounts"]) for row in found}
    mine = by_uid.get(customer, frozenset())
    return {uid for uid in others if uid == customer or by_uid.get(uid, frozenset()) & mine}


def marks(email: str | None, phone: str | None, accounts: Iterable[Sequence[str | None]]) -> frozenset[str]:
    """What tells a person: mailboxes, phone numbers and accounts, given as channel, handle and key.

    What follows a `+` in an address, and the dots of a Gmail address, lead to the same mailbox.

    >>> sorted(marks("Ay.se+shop@gmail.com", None, [("email", "ayse@gmail.com", "email:ayse@gmail.com")]))
    ['email:ayse@gmail.com', 'mailbox:ayse@gmail.com']
    """
    found = {_mailbox(email), _number(phone)}
    for channel, handle, key in accounts:
        if channel and handle:
            place = fold(channel).strip()
            found |= {key, _mailbox(handle) if place in MAIL else None}
            found.add(_number(handle) if place in PHONE else None)
    return frozenset(mark for mark in found if mark)


def _mailbox(address: str | None) -> str | None:
    found = normalise_email(address) if address else None
    if found is None:
        return None
    name, _, host = found.rpartition("@")
    plain = name.partition("+")[0] or name
    return f"mailbox:{plain.replace('.', '') if host in DOTLESS else plain}@{host}"


def _number(phone: str | None) -> str | None:
    found = normalise_phone(phone) if phone else None
    return found and f"phone:{found}"


async def _open_link(tx: Transaction, code: str, now: str) -> dict[str, Any]:
    """The link of a code that may be used now."""
    row = await one(tx, LINK, code=code_key(validate.line(code, "code")))
    if row is None:
        raise NotFound(f"There is no code {code}: look at how it is spelt.", field="code")
    if not row["switchedOn"] or (row["endsAt"] and now >= row["endsAt"]) or not _can(row):
        raise Closed(f"The link of code {code} is over: ask for another.", field="code")
    return row


async def _customer(tx: Transaction, uid: str) -> None:
    row = await one(tx, CUSTOMER, uid=validate.identifier(uid, "customer"))
    if row is None:
        raise NotFound(f"There is no customer {uid}: give the id of one.", field="customer")
    _check_person(row, uid, "customer")


def _can(row: Mapping[str, Any]) -> bool:
    """Only persons who are not suspended refer and are referred."""
    return row["kind"] == CustomerKind.PERSON and not row["suspended"]


def _check_person(row: Mapping[str, Any], uid: str, field: str) -> None:
    if not _can(row):
        raise NotAllowed(
            f"Customer {uid} is staff, a bot or suspended: only others refer and are referred.", field=field
        )


def _properties(fields: Mapping[str, object]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "endsAt" in fields:
        ends = fields["endsAt"]
        found["endsAt"] = None if ends is None else validate.moment(ends, "endsAt")
    if "windowDays" in fields:
        days = validate.number(fields["windowDays"], "windowDays", low=1, high=LONGEST_WINDOW)
        found["windowDays"] = int(days)
    if "switchedOn" in fields:
        if not isinstance(fields["switchedOn"], bool):
            raise Invalid("switchedOn is neither true nor false: give one of them.", field="switchedOn")
        found["switchedOn"] = fields["switchedOn"]
    return found


def _hashed(visitor: str) -> str:
    return hashlib.sha256(validate.line(visitor, "visitor", maximum=VISITOR).encode()).hexdigest()


def _oldest(now: str, days: int) -> str:
    return to_instant(parse_instant(now) - timedelta(days=days))
