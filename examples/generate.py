"""Writes the example folder kahve: `python examples/generate.py [DIR]`; the same bytes on every run.

Köpük, its customers and everything they say are invented. What the data tells is listed in labels.csv.
"""

import csv
import io
import lzma
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import people
import sentences

SEED = 20260630
START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 176.0
CUSTOMERS = 2400
ASCII = str.maketrans("çÇğĞıİöÖşŞüÜâ", "cCgGiIoOsSuUa")
Row = Sequence[object]


@dataclass(slots=True, eq=False)
class Person:
    """A customer and what the story has in mind for them."""

    id: str
    name: str
    language: str
    city: str
    home: str
    second: str | None
    joined: float
    kind: str = "PERSON"
    role: str = ""
    suspended: bool = False

    @property
    def handle(self) -> str:
        """The name as an account."""
        return self.name.translate(ASCII).lower().replace(" ", ".") + self.id.removeprefix("c-").lstrip("0")


@dataclass(slots=True, eq=False)
class Post:
    """A mention before it has a number."""

    author: Person
    text: str
    at: float
    products: list[str] = field(default_factory=list)
    reply_to: "Post | None" = None
    shares: "Post | None" = None
    names: list[Person] = field(default_factory=list)
    community: str = ""
    channel: str = "forum"
    id: str = ""


def stamp(day: float) -> str:
    """A day since the start as an instant."""
    return (START + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")


class Story:
    """Everything that happens, drawn from one seeded generator in one order."""

    def __init__(self) -> None:
        self.random = random.Random(SEED)
        self.posts: list[Post] = []
        self.links: list[Row] = []
        self.purchases: list[Row] = []
        self.people = [self._person(number) for number in range(1, CUSTOMERS + 1)]
        self._cast()
        self.speakers = {
            language: [one for one in self.people if one.language == language and not one.role]
            for language in ("tr", "en")
        }
        self.by_role = {
            role: [one for one in self.people if one.role == role]
            for role in ("ADVOCATE", "RING", "SPREADER", "STAFF", "BOT")
        }

    def _person(self, number: int) -> Person:
        rng = self.random
        home = rng.choices(people.COMMUNITIES, [share for *_, share in people.COMMUNITIES])[0]
        language = home[2]
        name = f"{rng.choice(people.FIRST[language])} {rng.choice(people.LAST[language])}"
        others = [one[0] for one in people.COMMUNITIES if one[2] == language and one[0] != home[0]]
        second = rng.choice(others) if rng.random() < 0.25 else None
        city = "Ankara" if home[0] == people.ORIGIN else rng.choice(people.CITIES[language])
        return Person(f"c-{number:04}", name, language, city, home[0], second, rng.uniform(-700, 100))

    def _cast(self) -> None:
        homes = [one[0] for one in people.COMMUNITIES]
        self._give("ADVOCATE", [homes[2], homes[2], homes[3], homes[4], homes[0], *homes[5:], homes[5]])
        self._give("RING", [homes[2]] * 7 + [homes[5]] * 7)
        self._give("SPREADER", [people.ORIGIN] * 8)
        self._give("STAFF", [homes[2], homes[5], homes[4]])
        self._give("BOT", [homes[6], homes[8]])
        for one in self.people:
            if one.role in ("STAFF", "BOT"):
                one.kind = one.role
            if one.role:
                one.joined = 140 + self.random.random() * 3 if one.role == "RING" else -100 - one.joined / 10
        for one in self.random.sample([one for one in self.people if not one.role], 4):
            one.suspended = True

    def _give(self, role: str, homes: Iterable[str]) -> None:
        for home in homes:
            free = [one for one in self.people if one.home == home and not one.role]
            self.random.choice(free).role = role

    # what people say

    def say(self, author: Person, kinds: dict[str, list[str]], at: float, **more: object) -> Post:
        """One mention by an author, at the latest at the end."""
        rng = self.random
        product = str(more.pop("product", "") or rng.choice(people.PRODUCTS)[0])
        who = more.pop("who", None)
        text = rng.choice(kinds[author.language]) + rng.choice(sentences.TAILS[author.language])
        name = next(name for key, name, _ in people.PRODUCTS if key == product)
        about = [product] if "{p}" in text else []
        text = text.format(
            p=name, c=rng.choice(people.CITIES[author.language]), n=rng.randint(2, 9), who=who or ""
        )
        if author.language == "tr" and rng.random() < 0.15:
            text = text.translate(ASCII)  # a keyboard without accents
        post = Post(author, text, min(at, DAYS - rng.random() * 0.01), about, **more)  # type: ignore[arg-type]
        post.community = post.community or ("" if rng.random() < 0.15 else author.home)
        post.channel = rng.choice(people.CHANNELS)
        self.posts.append(post)
        return post

    def answer(self, post: Post, kinds: dict[str, list[str]], author: Person | None = None) -> Post:
        """A reply by somebody who speaks the language."""
        chosen = author or self.other(post.author)
        at = post.at + self.random.expovariate(3) + 0.01
        return self.say(
            chosen, kinds, at, reply_to=post, community=post.community, product=next(iter(post.products), "")
        )

    def share(self, post: Post) -> None:
        """Somebody passes a mention on."""
        chosen = self.other(post.author)
        at = min(post.at + self.random.expovariate(2) + 0.01, DAYS - 0.001)
        text = self.random.choice(
            {"tr": ["👀", "Paylaşıyorum"], "en": ["👀", "Sharing this"]}[chosen.language]
        )
        self.posts.append(Post(chosen, text, at, shares=post, community=chosen.home, channel="x"))

    def other(self, one: Person) -> Person:
        """Anybody else who speaks the language and has no part in the story."""
        return self.random.choice(self.speakers[one.language])

    def days(self, first: float, last: float, gap: float) -> Iterable[float]:
        """Instants about a gap apart."""
        at = first + self.random.expovariate(1 / gap)
        while at < last:
            yield at
            at += self.random.expovariate(1 / gap)

    def every_day(self) -> None:
        """What goes on all the time."""
        rng = self.random
        anybody = self.speakers["tr"] + self.speakers["en"]
        weights = [rng.paretovariate(1.6) for _ in anybody]
        kinds = (sentences.PRAISE, sentences.COMPLAINT, sentences.QUESTION)
        for author in rng.choices(anybody, weights, k=6500):
            post = self.say(author, rng.choices(kinds, [40, 14, 46])[0], rng.uniform(0, DAYS))
            for _ in range(rng.choice([0, 0, 0, 1, 1, 2])):
                self.answer(post, rng.choices([sentences.ANSWER, sentences.QUARREL], [95, 5])[0])
        for bot in self.by_role["BOT"]:
            for at in self.days(0, DAYS, 1.2):
                self.say(bot, sentences.PRAISE, at)

    def advocates(self) -> None:
        """Ten people help, for months, and many different people thank them, buy and come."""
        rng = self.random
        for number, advocate in enumerate(self.by_role["ADVOCATE"]):
            for at in self.days(0, DAYS, 2.0 + number * 0.08):
                post = self.say(advocate, sentences.HOWTO, at)
                for _ in range(rng.randint(4, 9)):
                    kinds = (sentences.THANKS, sentences.ANSWER, sentences.QUARREL)
                    reply = self.answer(post, rng.choices(kinds, [88, 9, 3])[0])
                    if rng.random() < 0.08:
                        self.answer(reply, sentences.ANSWER, advocate)
                for _ in range(rng.randint(1, 3)):
                    self.share(post)
            self._convince(advocate)

    def _convince(self, advocate: Person) -> None:
        rng = self.random
        for friend in rng.sample(self.speakers[advocate.language], 40):
            product, at = rng.choice(people.PRODUCTS)[0], rng.uniform(5, DAYS - 15)
            bought = rng.random() < 0.55
            self.link(advocate, friend, "RECOMMENDATION", 0.9, at, product, "PURCHASED" if bought else "")
            if bought:
                self.buy(friend, product, at + rng.uniform(0.5, 12))
            if rng.random() < 0.5:
                self.link(friend, advocate, "RATING", rng.choice([0.6, 0.8, 1.0]), at + rng.uniform(1, 14))
        for friend in rng.sample(self.speakers[advocate.language], 8):
            friend.joined = rng.uniform(10, 110)
            self.link(advocate, friend, "REFERRAL", 1.0, friend.joined, "", "JOINED")

    def ring(self) -> None:
        """Fourteen new accounts praise the brand and one another, and hardly anybody answers."""
        rng, ring = self.random, self.by_role["RING"]
        for author in ring:
            for at in self.days(143, DAYS, 0.7):
                friends = rng.sample([one for one in ring if one is not author], 2)
                post = self.say(author, sentences.RING, at, names=friends, who=f"@{friends[0].handle}")
                if rng.random() < 0.5:
                    self.answer(post, sentences.THANKS, friends[0])
            for friend in ring:
                if friend is not author:
                    self.link(author, friend, "RATING", 1.0, rng.uniform(145, 170))

    def fault(self) -> None:
        """A grinder fails; it is first said in one community and has reached all of them at the end."""
        rng = self.random
        owners = rng.sample(self.speakers["tr"] + self.speakers["en"], 420) + [
            one for one in self.speakers["tr"] if one.home == people.ORIGIN
        ]
        for owner in dict.fromkeys(owners):
            self.buy(owner, people.GRINDER, rng.uniform(20, 118))
            late = 0 if owner.home == people.ORIGIN else 12 if owner.language == "tr" else 24
            first = 120 + late + 40 * rng.betavariate(2, 1.2)
            if rng.random() < 0.7:
                for at in self.days(first, DAYS, 12):
                    self.answer_by_staff(self.say(owner, sentences.FAULT, at, product=people.GRINDER))
        for spreader in self.by_role["SPREADER"]:
            self.buy(spreader, people.GRINDER, rng.uniform(60, 110))
            for at in self.days(120, DAYS, 1.5):
                self._spread(self.say(spreader, sentences.FAULT, at, product=people.GRINDER))
            for friend in rng.sample(self.speakers["tr"], 14):
                outcome = rng.choice(["", "", "RETURNED"])
                self.link(
                    spreader, friend, "WARNING", -0.8, rng.uniform(122, DAYS - 1), people.GRINDER, outcome
                )

    def _spread(self, post: Post) -> None:
        grown = (post.at - 115) / (DAYS - 115)
        for _ in range(round(self.random.uniform(3, 9) * (0.5 + grown))):
            self.answer(post, sentences.WARNED)
        for _ in range(round(self.random.uniform(2, 7) * (0.5 + grown))):
            self.share(post)

    def answer_by_staff(self, post: Post) -> None:
        """The brand answers one complaint in ten."""
        if self.random.random() < 0.1:
            self.answer(post, sentences.STAFF, self.random.choice(self.by_role["STAFF"]))

    # what people do

    def link(
        self,
        giver: Person,
        receiver: Person,
        kind: str,
        weight: float,
        at: float,
        product: str = "",
        outcome: str = "",
    ) -> None:
        """One advocacy link."""
        at = min(at, DAYS - 0.001)
        self.links.append((giver.id, receiver.id, kind, weight, stamp(at), product, outcome))

    def buy(self, customer: Person, product: str, at: float) -> None:
        """One purchase in Turkish lira or pounds."""
        turkish = customer.language == "tr"
        machine = product[0] in "esd" or product.startswith("degirmen")
        amount = self.random.randint(30, 90) * (100 if machine else 5) * (1.0 if turkish else 0.03)
        currency = "TRY" if turkish else "GBP"
        self.purchases.append(
            (customer.id, product, 1, f"{amount:.2f}", currency, stamp(min(at, DAYS - 0.001)))
        )

    def shopping(self) -> None:
        """Ordinary purchases."""
        for customer in self.random.choices(self.people, k=4000):
            self.buy(customer, self.random.choice(people.PRODUCTS)[0], self.random.uniform(-300, DAYS))

    def opinions(self) -> None:
        """Some people rate or defend some others."""
        rng = self.random
        for _ in range(500):
            one = rng.choice(self.speakers[rng.choice(["tr", "en"])])
            kind, weight = rng.choice([("RATING", 0.5), ("RATING", 0.8), ("RATING", -0.6), ("DEFENCE", 0.7)])
            if (other := self.other(one)) is not one:
                self.link(one, other, kind, weight, rng.uniform(0, DAYS))

    def follows(self) -> list[Row]:
        """Who follows whom: everybody a few, the advocates by many."""
        rng, rows = self.random, dict[tuple[str, str], float]()
        for one in self.people:
            known = [advocate for advocate in self.by_role["ADVOCATE"] if advocate.language == one.language]
            for followed in [self.other(one), self.other(one), *rng.sample(known, 1)]:
                if followed is not one:
                    rows[one.id, followed.id] = rng.uniform(max(one.joined, -300), DAYS)
        return [(*pair, stamp(at)) for pair, at in rows.items()]

    # what people want

    def ideas(self) -> list[Row]:
        """Thirty ideas with a leaning, and as many with none."""
        rng, rows = self.random, list[Row]()
        opened = {one[0]: one[3] for one in people.CHALLENGES}
        for key, challenge, _, _, title in people.IDEAS:
            loud = self.speakers["tr"][0]
            members = [one for one in self.speakers["tr"] if one.home == people.LOUD]
            author = rng.choice(members) if key == people.LOUD_IDEA else rng.choice(self.people)
            author = author if author.kind == "PERSON" else loud
            rows.append(
                (
                    key,
                    challenge,
                    author.id,
                    title,
                    "",
                    stamp(opened[challenge] + rng.uniform(0.5, 20)),
                    "",
                    "",
                )
            )
        for number in range(30):
            title, challenge = people.MORE[number % len(people.MORE)]
            name = people.PRODUCTS[number // len(people.MORE)][1]
            author = rng.choice(self.speakers["tr" if "için" in title else "en"])
            at = stamp(opened[challenge] + rng.uniform(1, 60))
            rows.append((f"idea-{number + 1:02}", challenge, author.id, title.format(x=name), "", at, "", ""))
        return rows

    def votes(self, ideas: list[Row]) -> list[Row]:
        """Friends of capsules and friends of beans disagree; one idea pleases both."""
        rng, rows = self.random, list[Row]()
        known = {key: (leaning, appeal) for key, _, leaning, appeal, _ in people.IDEAS}
        opened = {str(key): datetime.fromisoformat(str(at)) for key, *_, at, _, _ in ideas}
        voters = [
            one
            for one in self.people
            if one.kind == "PERSON" and (rng.random() < 0.62 or one.home == people.LOUD)
        ]
        for voter in voters:
            leaning = rng.gauss(self._leaning(voter), 0.2)
            for key, first in opened.items():
                idea_leaning, appeal = known.get(key, (0.0, 0.45))
                if rng.random() > self._turnout(voter, key, idea_leaning):
                    continue
                chance = appeal + 0.5 * idea_leaning * leaning
                value = 0 if rng.random() < 0.1 else 1 if rng.random() < chance else -1
                day = (first - START).total_seconds() / 86400
                span = 5 if key == people.LOUD_IDEA else DAYS - day
                rows.append((voter.id, key, value, stamp(day + span * rng.random() * 0.999)))
        return rows

    def _leaning(self, voter: Person) -> float:
        if people.LOUD in (voter.home, voter.second):
            return 1.0
        return {"office-coffee": 0.4, "latte-art": -0.3, "turk-kahvesi-sevenler": -0.3}.get(voter.home, -0.8)

    def _turnout(self, voter: Person, idea: str, leaning: float) -> float:
        if idea == people.LOUD_IDEA:
            return 0.92 if voter.home == people.LOUD else 0.06
        if idea == people.WANTED:
            return 0.55
        return 0.25 + 0.2 * abs(leaning)


def number(story: Story) -> list[Row]:
    """The mentions in the order of time, with ids."""
    rows: list[Row] = []
    story.posts.sort(key=lambda post: post.at)
    for place, post in enumerate(story.posts, 1):
        post.id = f"m-{place:05}"
    for post in story.posts:
        reply, shares = (linked.id if linked else "" for linked in (post.reply_to, post.shares))
        names, products = "|".join(one.id for one in post.names), "|".join(post.products)
        rows.append(
            (
                post.id,
                post.author.id,
                post.channel,
                post.text,
                stamp(post.at),
                reply,
                shares,
                names,
                post.community,
                products,
            )
        )
    return rows


def customers(story: Story) -> Iterable[Row]:
    """The customers with their accounts."""
    rng = story.random
    for one in story.people:
        accounts = "|".join(
            f"{channel}:{one.handle}" for channel in rng.sample(people.CHANNELS[:4], rng.randint(1, 2))
        )
        email = f"{one.handle}@example.com" if rng.random() < 0.8 else ""
        born = (
            f"{rng.randint(1958, 2006)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
            if rng.random() < 0.3
            else ""
        )
        locale = "tr-TR" if one.language == "tr" else "en-GB"
        suspended = "true" if one.suspended else ""
        yield (
            one.id,
            one.name,
            accounts,
            email,
            one.city,
            locale,
            born,
            stamp(one.joined),
            one.kind,
            suspended,
        )


def memberships(story: Story) -> Iterable[Row]:
    """Who belongs where; the first of a community moderates it."""
    seen: set[str] = set()
    for one in story.people:
        for community in filter(None, (one.home, one.second)):
            role = "MEMBER" if community in seen or one.role else "MODERATOR"
            seen.add(community) if role == "MODERATOR" else None
            yield one.id, community, role, stamp(max(one.joined, -300))


def labels(story: Story) -> Iterable[Row]:
    """The truth, for tests; the import passes it over."""
    for one in story.people:
        if one.role:
            yield "customer", one.id, one.role
    yield "product", people.GRINDER, "FAULTY"
    yield "community", people.ORIGIN, "FAULT_BEGINS"
    yield "community", people.LOUD, "LOUD_GROUP"
    yield "idea", people.WANTED, "WANTED_BY_ALL"
    yield "idea", people.LOUD_IDEA, "WANTED_BY_LOUD_GROUP"


def write(folder: Path, name: str, header: str, rows: Iterable[Row], *, packed: bool = True) -> None:
    """One file of the folder, packed unless it is small."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split())
    writer.writerows(rows)
    data = text.getvalue().encode()
    (folder / f"{name}.csv{'.xz' * packed}").write_bytes(lzma.compress(data, preset=9) if packed else data)


def main(folder: Path) -> None:
    """Tell the story and write it down."""
    folder.mkdir(parents=True, exist_ok=True)
    story = Story()
    chapters: list[Callable[[], None]] = [
        story.every_day, story.advocates, story.ring, story.fault, story.opinions, story.shopping
    ]  # fmt: skip
    for chapter in chapters:
        chapter()
    ideas = story.ideas()
    links = sorted(story.links, key=lambda link: str(link[4]))
    write(
        folder,
        "customers",
        "id name identities email city locale birth_date joined_at kind suspended",
        customers(story),
    )
    write(folder, "communities", "id name", [one[:2] for one in people.COMMUNITIES], packed=False)
    write(folder, "memberships", "customer community role since", memberships(story))
    write(folder, "follows", "follower followed since", story.follows())
    write(folder, "products", "id name category", people.PRODUCTS, packed=False)
    orders = [(f"o-{place:05}", *row) for place, row in enumerate(story.purchases, 1)]
    write(folder, "purchases", "order customer product quantity amount currency at", orders)
    header = "id author channel text at in_reply_to shares names community products"
    write(folder, "mentions", header, number(story))
    rows = [(f"a-{place:04}", *row) for place, row in enumerate(links, 1)]
    write(folder, "advocacy", "id from to kind weight at product outcome", rows)
    challenges = [
        (*one[:3], stamp(one[3]), stamp(one[4]) if one[4] is not None else "") for one in people.CHALLENGES
    ]
    write(folder, "challenges", "id title question opens_at closes_at", challenges, packed=False)
    write(folder, "ideas", "id challenge author title body at category cost", ideas, packed=False)
    write(folder, "votes", "voter idea value at", story.votes(ideas))
    write(folder, "labels", "record id truth", labels(story), packed=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "kahve")
