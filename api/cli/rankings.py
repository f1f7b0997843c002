"""The published rankings as tables, each line with its reason in words and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from api.cli.shell import show, table
from api.sentences import Facts, english
from graph.console import (
    RankedCustomer,
    Share,
    StirredCommunity,
    TalliedIdea,
    ranked_customers,
    tallied_ideas,
)
from graph.driver import Graph

CUSTOMERS_SHOWN = 5
IDEAS_SHOWN = 3
# what joins or divides people shows only in an idea that more than a handful saw
FEWEST_VOTES = 20
LONGEST_TITLE = 60
LISTS = {"popular": "support", "bridging": "bridging", "divisive": "divisive"}


@dataclass(frozen=True, slots=True)
class Contest:
    """The ideas of one challenge, which were voted on beside each other, in the order of each score."""

    challenge: str
    popular: list[TalliedIdea]
    bridging: list[TalliedIdea]
    divisive: list[TalliedIdea]


@dataclass(frozen=True, slots=True)
class Rankings:
    """What a demo ends with."""

    advocates: list[RankedCustomer]
    detractors: list[RankedCustomer]
    contests: list[Contest]


async def read(graph: Graph) -> Rankings:
    """All lists as published now."""
    ideas = sorted(await tallied_ideas(graph), key=lambda idea: idea.challenge)
    return Rankings(
        advocates=await ranked_customers(graph, by="advocacy", limit=CUSTOMERS_SHOWN),
        detractors=await ranked_customers(graph, by="harm", limit=CUSTOMERS_SHOWN),
        contests=[contest(name, list(group)) for name, group in groupby(ideas, lambda idea: idea.challenge)],
    )


def contest(challenge: str, ideas: Sequence[TalliedIdea]) -> Contest:
    """The first ideas of each list; one that few have seen is in none."""
    seen = [one for one in ideas if one.up + one.down + one.passed >= FEWEST_VOTES]
    return Contest(challenge, *(_first(seen, score) for score in LISTS.values()))


def _first(ideas: Sequence[TalliedIdea], score: str) -> list[TalliedIdea]:
    def key(one: TalliedIdea) -> tuple[float, str]:
        return -(getattr(one, score) or 0.0), one.external_id

    return sorted((one for one in ideas if (getattr(one, score) or 0.0) > 0), key=key)[:IDEAS_SHOWN]


def show_all(rankings: Rankings) -> None:
    """Print every list."""
    _customers("Advocates: heard by many, and they speak well", "advocacy", rankings.advocates)
    _customers("Detractors: heard by many, and they speak ill", "harm", rankings.detractors)
    for one in rankings.contests:
        _ideas(one)


def show_communities(stirred: Sequence[StirredCommunity]) -> None:
    """Print what is up in communities, if anything is."""
    if not stirred:
        return
    shown = table("Communities: what to look at", "community", "members", "what is up", numbers=("members",))
    for one in stirred:
        for place, reason in enumerate((*one.actions, *one.warnings)):
            shown.add_row(*(("", "") if place else (one.name, f"{one.members:,}")), reason)
    show(shown)


def _customers(title: str, score: str, ranked: Sequence[RankedCustomer]) -> None:
    numbers = (score, "reach", "standing", "voice")
    shown = table(title, "", "customer", *numbers, "why", numbers=numbers)
    for place, one in enumerate(ranked, 1):
        figures = (getattr(one, name) for name in numbers)
        shown.add_row(str(place), one.name, *map(_figure, figures), reason_of_customer(one))
    show(shown)


def _ideas(one: Contest) -> None:
    numbers = ("score", "up/down/passed")
    shown = table(f"Ideas: {one.challenge}", "list", "idea", *numbers, "why", numbers=numbers)
    for name, score in LISTS.items():
        for place, idea in enumerate(getattr(one, name)):
            counts = f"{idea.up}/{idea.down}/{idea.passed}"
            value, label = _figure(getattr(idea, score)), "" if place else name
            shown.add_row(label, _short(idea.title), value, counts, reason_of_idea(idea, score))
    show(shown)


def reason_of_customer(one: RankedCustomer) -> str:
    """The sentences of the API about these scores."""
    values = [one.band, one.reach, one.standing, one.voice, one.advocacy, one.harm, one.people, one.acts]
    parts = [(part.score, part.kind, part.value, part.who or None) for part in one.parts]
    return english(Facts.of(values, parts))


def reason_of_idea(one: TalliedIdea, score: str) -> str:
    """What the figures of this list rest on."""
    votes = one.up + one.down + one.passed
    if score == "support":
        return f"{one.up:,} of {votes:,} in favour: at least {one.support or 0:.0%}, by 95% confidence"
    counted = sorted((share for share in one.shares if share.counted), key=lambda share: -share.approval)
    if len(counted) < 2:
        return f"{one.up:,} for and {one.down:,} against, no two communities to compare"
    if score == "divisive":
        return f"{_approval(counted[0])} against {_approval(counted[-1])}"
    return "approved by " + ", ".join(map(_approval, (counted[0], counted[-1])))


def _approval(share: Share) -> str:
    return f"{share.community or 'the others'} {share.approval:.0%}"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".replace("-", "−")


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
