"""The ledger of the programme: entries that are only ever added, and balances that are their sums.

Three accounts in whole points: `earned` is for rank and never falls by spending; `spendable` is what can be
redeemed and is never below 0; `owed` is what a reversal could not take back because it was spent already, and
what comes in next pays it first. So at any time earned − spent = spendable − owed, and of spendable and owed one
is 0.
"""

from dataclasses import dataclass
from enum import StrEnum

from graph.driver import Transaction
from graph.programme import Member
from graph.records import new_uid
from graph.rows import run


class EntryKind(StrEnum):
    """What an entry books."""

    EARN = "EARN"
    SPEND = "SPEND"
    REVERSE = "REVERSE"


@dataclass(frozen=True, slots=True)
class Amounts:
    """What an entry adds to each account, in points."""

    earned: int
    spendable: int
    owed: int


def incoming(member: Member, points: int, *, earned: bool) -> Amounts:
    """Points that come in: what is owed is paid first."""
    paid = min(points, member.owed)
    return Amounts(points if earned else 0, points - paid, -paid)


def outgoing(member: Member, points: int, *, earned: bool) -> Amounts:
    """Points that are taken: what is not there any more is owed."""
    taken = min(points, member.spendable)
    return Amounts(-points if earned else 0, -taken, points - taken)


# One statement writes entry and balances; its key is unique, so nothing is booked twice.
BOOK_ACT = """
MATCH (b:ProgrammeMember {uid: $member}), (d:ProgrammeAct {uid: $subject})
SET b.earned = b.earned + $earned, b.spendable = b.spendable + $spendable, b.owed = b.owed + $owed
CREATE (b)-[:HAS_ENTRY]->(l:LedgerEntry {uid: $uid, key: $key})-[:FOR]->(d)
SET l.kind = $kind, l.at = $now, l.earned = $earned, l.spendable = $spendable, l.owed = $owed
"""

BOOK_REDEMPTION = """
MATCH (b:ProgrammeMember {uid: $member}), (r:Redemption {uid: $subject})
SET b.earned = b.earned + $earned, b.spendable = b.spendable + $spendable, b.owed = b.owed + $owed
CREATE (b)-[:HAS_ENTRY]->(l:LedgerEntry {uid: $uid, key: $key})-[:FOR]->(r)
SET l.kind = $kind, l.at = $now, l.earned = $earned, l.spendable = $spendable, l.owed = $owed
"""


async def earn(tx: Transaction, member: Member, *, act: str, points: int, now: str) -> None:
    """Book what an accepted act earns; the member is held."""
    amounts = incoming(member, points, earned=True)
    await _book_act(tx, member, EntryKind.EARN, act, amounts, now)


async def take_back(tx: Transaction, member: Member, *, act: str, points: int, now: str) -> None:
    """Book that an act earned nothing after all."""
    amounts = outgoing(member, points, earned=True)
    await _book_act(tx, member, EntryKind.REVERSE, act, amounts, now)


async def spend(tx: Transaction, member: Member, *, redemption: str, points: int, now: str) -> None:
    """Book what a reward costs; there is enough, which the caller has checked on the held member."""
    await _book_redemption(tx, member, EntryKind.SPEND, redemption, Amounts(0, -points, 0), now)


async def give_back(tx: Transaction, member: Member, *, redemption: str, points: int, now: str) -> None:
    """Book that a reward was not handed out."""
    amounts = incoming(member, points, earned=False)
    await _book_redemption(tx, member, EntryKind.REVERSE, redemption, amounts, now)


async def _book_act(
    tx: Transaction, member: Member, kind: EntryKind, act: str, amounts: Amounts, now: str
) -> None:
    await run(tx, BOOK_ACT, **_entry(member, kind, act, amounts, now))


async def _book_redemption(
    tx: Transaction, member: Member, kind: EntryKind, redemption: str, amounts: Amounts, now: str
) -> None:
    await run(tx, BOOK_REDEMPTION, **_entry(member, kind, redemption, amounts, now))


def _entry(member: Member, kind: EntryKind, subject: str, amounts: Amounts, now: str) -> dict[str, str | int]:
    return {
        "member": member.uid,
        "subject": subject,
        "uid": new_uid(),
        "key": f"{kind.value}:{subject}",
        "kind": kind.value,
        "now": now,
        "earned": amounts.earned,
        "spendable": amounts.spendable,
        "owed": amounts.owed,
    }
