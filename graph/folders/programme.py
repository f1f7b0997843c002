"""The files of the advocacy programme: members and what they agreed to, acts, rewards, the ledger, referral links."""

from collections.abc import Sequence
from typing import Any

from graph.acts import ActState
from graph.folders import programme_cypher as cypher
from graph.folders import values
from graph.folders.history import dated, statements_of
from graph.folders.programme_checks import of_others, second_links, shown_twice
from graph.folders.shapes import Column, Missing, Table, end, folded, own_id
from graph.folders.statements import LOCK_CUSTOMERS, PAGE_CUSTOMERS
from graph.folders.values import Value
from graph.ledger import EntryKind
from graph.programme import MOST_POINTS, ActKind, MemberState, points_key
from graph.referrals import LONGEST_WINDOW, WINDOW
from graph.rewards import HIGHEST, MOST, RedemptionState

NAME = "programme"


def _named(row: Sequence[Value | None]) -> None:
    if row[0] != NAME:
        raise ValueError(f"name: there is one programme, {NAME}")


def _act(row: Sequence[Value | None]) -> None:
    shown = [row[place] for place in (5, 6, 7) if row[place] is not None]
    if len(shown) > 1 or (not shown and row[8] is not True):
        raise ValueError("an act is shown by one mention, link or idea, unless evidence_gone is true")


def _entry(row: Sequence[Value | None]) -> None:
    _, kind, act, redemption, _, earned, spendable, owed = row
    if (act is None) == (redemption is None):
        raise ValueError("an entry is for one act or one redemption")
    if kind != EntryKind.REVERSE and (kind == EntryKind.EARN) == (act is None):
        raise ValueError(f"kind: {kind} is not booked for {'a redemption' if act is None else 'an act'}")
    comes_in = (kind == EntryKind.REVERSE) == (act is None) and kind != EntryKind.SPEND
    sign = 1 if comes_in else -1
    points = sign * (_whole(spendable) - _whole(owed))
    if points < 0 or sign * _whole(spendable) < 0 or sign * _whole(owed) > 0:
        raise ValueError(f"spendable and owed: {kind} does not change them in these directions")
    if _whole(earned) != (0 if act is None else sign * points):
        raise ValueError("earned: it is spendable less owed for an act, and 0 for a redemption")


def _whole(value: Value | None) -> int:
    return value if isinstance(value, int) else 0


def _day(at: str) -> dict[str, Any]:
    return {"at": at, "day": at[:10]}


REFERRALS: tuple[Table, ...] = (
    Table(
        "referral_links",
        (
            Column("code", values.code, needed=True, stored="code"),
            Column("advocate", values.identifier, needed=True, refers="Customer", linked=True),
            Column("product", values.identifier, refers="Product", linked=True),
            Column("label", stored="label", derive=folded("labelKey")),
            Column("created_at", values.instant, stored="createdAt"),
            Column("ends_at", values.instant, stored="endsAt"),
            Column("window_days", values.integer(1, LONGEST_WINDOW), stored="windowDays"),
            Column("switched_on", values.boolean, stored="switchedOn"),
            Column("visits", values.integer(0, 2**31), stored="visitsBefore"),
        ),
        cypher.LINKS,
        label="ReferralLink",
        defaults={
            "windowDays": WINDOW,
            "switchedOn": True,
            "conversions": 0,
            "value": 0.0,
            "visitsBefore": 0,
        },
        refuse=second_links,
    ),
    Table(
        "referral_joins",
        (
            end("customer", "Customer"),
            Column("code", values.code, needed=True, refers="ReferralLink"),
            Column("at", values.instant, needed=True, stored="at"),
        ),
        cypher.JOINS,
        key=2,
    ),
)

PROGRAMME: tuple[Table, ...] = (
    Table(
        "programme",
        (
            Column("name", values.identifier, needed=True, stored="name"),
            *(
                Column(f"{kind.lower()}_points", values.integer(0, MOST_POINTS), stored=points_key(kind))
                for kind in ActKind
            ),
        ),
        cypher.PROGRAMME,
        label="Programme",
        check=_named,
    ),
    Table(
        "programme_members",
        (
            end("customer", "Customer"),
            Column("state", values.choice(MemberState), needed=True, stored="state"),
            Column("state_at", values.instant, stored="stateAt"),
        ),
        cypher.MEMBERS,
        label="ProgrammeMember",
    ),
    Table(
        "programme_steps",
        (
            end("customer", "ProgrammeMember"),
            Column("at", values.instant, needed=True, stored="at"),
            Column("state", values.choice(MemberState), needed=True, stored="state"),
            Column("channel", stored="channel"),
            Column("wording", values.text, stored="wording"),
            Column("proof", stored="proof"),
        ),
        statements_of(cypher.STEPS, PAGE_CUSTOMERS, LOCK_CUSTOMERS),
        key=3,
        complete=dated(1),
    ),
    Table(
        "programme_acts",
        (
            own_id(),
            Column("customer", values.identifier, needed=True, refers="ProgrammeMember", linked=True),
            Column("kind", values.choice(ActKind), needed=True, stored="kind"),
            Column("state", values.choice(ActState), needed=True, stored="state"),
            Column("at", values.instant, needed=True, stored="at", derive=_day),
            Column("mention", values.identifier, refers="Mention", linked=True),
            Column("link", values.identifier, linked=True),
            Column("idea", values.identifier, refers="Idea", linked=True),
            Column("evidence_gone", values.boolean, stored="evidenceGone"),
            Column("counterpart", values.identifier, refers="Customer", missing=Missing.OMIT, linked=True),
            Column("outcome", stored="outcome"),
            Column("value", values.number(), stored="value"),
            Column("points", values.integer(0, MOST_POINTS), stored="points"),
            Column("reason", stored="reason"),
            Column("judged_by", stored="judgedBy"),
            Column("judged_at", values.instant, stored="judgedAt"),
            Column("recorded_at", values.instant, stored="createdAt"),
            Column("account_days", values.integer(-(2**31), 2**31), stored="accountDays"),
        ),
        cypher.ACTS,
        label="ProgrammeAct",
        check=_act,
        refuse=shown_twice,
    ),
    Table(
        "rewards",
        (
            own_id(),
            Column("name", needed=True, stored="name", derive=folded("nameKey")),
            Column("points", values.integer(1, MOST), needed=True, stored="points"),
            Column("stock", values.integer(0, HIGHEST["stock"]), stored="stock"),
            Column("member_limit", values.integer(1, HIGHEST["memberLimit"]), stored="memberLimit"),
            Column("limit_days", values.integer(1, HIGHEST["limitDays"]), stored="limitDays"),
        ),
        cypher.REWARDS,
        label="Reward",
    ),
    Table(
        "redemptions",
        (
            own_id(),
            Column("customer", values.identifier, needed=True, refers="ProgrammeMember", linked=True),
            Column("reward", values.identifier, needed=True, refers="Reward", linked=True),
            Column("state", values.choice(RedemptionState), needed=True, stored="state"),
            Column("points", values.integer(1, MOST), needed=True, stored="points"),
            Column("at", values.instant, needed=True, stored="at"),
            Column("settled_at", values.instant, stored="settledAt"),
            Column("settled_by", stored="settledBy"),
            Column("reason", stored="reason"),
        ),
        cypher.REDEMPTIONS,
        label="Redemption",
    ),
    Table(
        "ledger",
        (
            end("customer", "ProgrammeMember"),
            Column("kind", values.choice(EntryKind), needed=True),
            Column("act", values.identifier, refers="ProgrammeAct"),
            Column("redemption", values.identifier, refers="Redemption"),
            Column("at", values.instant, needed=True),
            Column("earned", values.integer(-MOST, MOST), needed=True),
            Column("spendable", values.integer(-MOST, MOST), needed=True),
            Column("owed", values.integer(-MOST, MOST), needed=True),
        ),
        cypher.LEDGER,
        key=4,
        check=_entry,
        complete=dated(4),
        refuse=of_others,
        frozen=True,
    ),
)
