"""What is published of a run: a row for each community, with sentences in English and in Turkish."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from graph.health import UNKNOWN
from jobs.algorithms.collective import Action
from jobs.algorithms.decay import LANDMARK
from jobs.algorithms.health import Health, Warn
from jobs.communities.measure import Known, Measured, Together

ACTIONS = 10  # shown of a community
EXAMPLES = 3
RECENT = 14  # days for which an action makes its community one that has something going on

# each as (English, Turkish), over what `_figures` says
SENTENCES = {
    Warn.ONE_CARRIES_ALL: (
        "One member gives more than half of what is said here: if they fall silent, so does the community.",
        "Burada söylenenlerin yarıdan fazlası tek bir üyeden geliyor: o susarsa topluluk da susar.",
    ),
    Warn.FEWER_STAY: (
        "Of the {active_before} members who were active in the 30 days before, {retention} % were active again; "
        "a month earlier it was {retention_before} %.",
        "Önceki 30 günde etkin olan {active_before} üyenin %{retention} kadarı yine etkindi; bir ay önce bu oran "
        "%{retention_before} idi.",
    ),
    Warn.FEW_ANSWERS: (
        "Other members answered {answered} % of {questions} questions in a month: who asks is more likely to be "
        "left alone than not.",
        "Bir ayda sorulan {questions} sorunun %{answered} kadarını öbür üyeler yanıtladı: soran büyük olasılıkla "
        "yanıtsız kalıyor.",
    ),
    Warn.ONE_BRIDGE: (
        "If one member leaves, {cut_off} of {members} members lose their ties to the others.",
        "Tek bir üye ayrılırsa {members} üyenin {cut_off} kadarı ötekilerle bağını yitirir.",
    ),
    Warn.MOOD_FALLS: (
        "The mood fell from {mood_before} to {mood} within a month, on a scale from −1 to 1.",
        "Hava bir ay içinde {mood_before} değerinden {mood} değerine düştü (−1 ile 1 arasında).",
    ),
}
SINKS = (
    "The mood is {mood}; three to six months ago it was {mood_usual}, on a scale from −1 to 1.",
    "Hava {mood}; üç ile altı ay önce {mood_usual} idi (−1 ile 1 arasında).",
)
COMPLAINT = (
    "{members} members spoke badly of {subject} within {days} days; {usual} would be usual.",
    "{days} gün içinde {members} üye {subject} için kötü konuştu; olağanı: {usual_tr}.",
)
SAME_WORDS = (
    "{members} members wrote nearly the same within {days} days; {usual} would be usual.",
    "{days} gün içinde {members} üye neredeyse aynı şeyi yazdı; olağanı: {usual_tr}.",
)


def rows(known: Known, measured: Measured, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """What is written of each community; `names` are those of the subjects."""
    shared = _overlaps(known, measured)
    as_of = "" if known.as_of == LANDMARK else _instant(known.as_of)
    for at, uid in enumerate(known.members.communities):
        health = measured.health[at]
        values = {
            **_health(known, health),
            "healthAt": as_of or None,
            **_warnings(known, health, measured.concerned[at]),
            **shared[at],
            **_weeks(measured, at),
            **_asks(known, measured, at),
            **_actions(known, measured.actions[at], names),
        }
        yield {"uid": uid, "values": values, "past": _past(health, as_of)}


def _instant(at: np.datetime64) -> str:
    return f"{at.astype('datetime64[ms]')}Z"


def _health(known: Known, health: Health) -> dict[str, Any]:
    return {
        "members": health.members,
        "active": health.active,
        "busFactor": health.bus_factor,
        "retention": health.retention,
        "retentionBefore": health.retention_before,
        "questions": health.questions,
        "answeredByPeers": health.answered_by_peers,
        "firstAnswer": health.first_answer,
        "density": health.density,
        "bridge": None if health.bridge is None else known.population.uids[health.bridge],
        "cutOff": health.cut_off,
        "mood": health.mood,
        "moodBefore": health.mood_before,
    }


def _past(health: Health, as_of: str) -> dict[str, list[Any]]:
    """What the history gets of this run, by the lists of `graph.health.SAVE`."""
    shares = {
        "BusFactor": health.bus_factor,
        "Retention": health.retention,
        "AnsweredByPeers": health.answered_by_peers,
        "Density": health.density,
        "Mood": health.mood,
    }
    whole = {"Members": health.members, "Active": health.active, "Warnings": len(health.warnings)}
    # a number of one kind in each list, as Neo4j wants it
    unknown = {name: UNKNOWN if name == "BusFactor" else float(UNKNOWN) for name in shares}
    known = {name: unknown[name] if value is None else value for name, value in shares.items()}
    return {name: [value] for name, value in {"At": as_of, **whole, **known}.items()}


def _warnings(known: Known, health: Health, concerned: Mapping[Warn, Sequence[int]]) -> dict[str, Any]:
    said = [
        tuple(text.format(**_figures(health)) for text in _texts(warn, health)) for warn in health.warnings
    ]
    uids = known.population.uids
    return {
        "warned": True if health.warnings else None,
        "warnKind": [warn.value for warn in health.warnings],
        "warnReason": [english for english, _ in said],
        "warnReasonTr": [turkish for _, turkish in said],
        "warnMembers": [" ".join(uids[who] for who in concerned[warn]) for warn in health.warnings],
    }


def _texts(warn: Warn, health: Health) -> tuple[str, str]:
    return SINKS if warn is Warn.MOOD_FALLS and not health.fell else SENTENCES[warn]


def _figures(health: Health) -> dict[str, Any]:
    def percent(share: float | None) -> int:
        return round(100 * (share or 0))

    return {
        "active_before": health.active_before,
        "retention": percent(health.retention),
        "retention_before": percent(health.retention_before),
        "answered": percent(health.answered_by_peers),
        "questions": health.questions,
        "cut_off": health.cut_off,
        "members": health.members,
        **{
            name: f"{mood or 0:.2f}".replace("-", "−")
            for name, mood in (
                ("mood", health.mood),
                ("mood_before", health.mood_before),
                ("mood_usual", health.mood_usual),
            )
        },
    }


def _overlaps(known: Known, measured: Measured) -> list[dict[str, list[Any]]]:
    """The overlaps of each community, the largest Jaccard index first; each stands on both sides."""
    uids, found = known.members.communities, measured.overlaps
    keys = ("overlapWith", "overlapMembers", "overlapShare", "overlapShareOfOther", "overlapJaccard")
    shared: list[dict[str, list[Any]]] = [{key: [] for key in keys} for _ in uids]
    for at in np.lexsort([found.second, found.first, -found.jaccard]).tolist():
        one, other = int(found.first[at]), int(found.second[at])
        ours, theirs = float(found.share_of_first[at]), float(found.share_of_second[at])
        for here, there, share, of_other in ((one, other, ours, theirs), (other, one, theirs, ours)):
            row = (uids[there], int(found.members[at]), share, of_other, float(found.jaccard[at]))
            for key, value in zip(keys, row, strict=True):
                shared[here][key].append(value)
    return shared


def _weeks(measured: Measured, at: int) -> dict[str, list[Any]]:
    weeks = measured.weeks[at]
    return {
        "weekAt": [_instant(np.datetime64(week.day, "D")) for week in weeks],
        "weekMood": [week.mood for week in weeks],
        "weekMentions": [week.mentions for week in weeks],
    }


def _asks(known: Known, measured: Measured, at: int) -> dict[str, list[Any]]:
    matters, ideas = measured.matters[at], measured.ideas[at]
    return {
        "subject": [known.subject_uids[matter.subject] for matter in matters],
        "subjectMembers": [matter.members for matter in matters],
        "subjectMentions": [matter.mentions for matter in matters],
        "subjectMood": [float(UNKNOWN) if matter.mood is None else matter.mood for matter in matters],
        "wish": [uid for uid, *_ in ideas],
        "wishSupport": [support for _, support, _, _ in ideas],
        "wishUp": [ups for *_, ups, _ in ideas],
        "wishVotes": [votes for *_, votes in ideas],
    }


def _actions(known: Known, actions: Sequence[Together], names: Mapping[str, str]) -> dict[str, Any]:
    shown = actions[:ACTIONS]
    subjects = ["" if each.subject is None else known.subject_uids[each.subject] for each in shown]
    said = [
        tuple(text.format(**_happened(each.action), subject=names.get(subject, "")) for text in texts)
        for each, subject in zip(shown, subjects, strict=True)
        for texts in ((COMPLAINT if subject else SAME_WORDS),)
    ]
    today = known.as_of.astype("datetime64[D]").astype(int)
    return {
        "acting": True if any(each.action.until > today - RECENT for each in shown) else None,
        "actionKind": ["COMPLAINT" if subject else "SAME_WORDS" for subject in subjects],
        "actionSince": [_instant(np.datetime64(each.action.since, "D")) for each in shown],
        "actionUntil": [_instant(np.datetime64(each.action.until, "D")) for each in shown],
        "actionMembers": [each.action.members for each in shown],
        "actionUsual": [each.action.usual for each in shown],
        "actionChance": [each.action.chance for each in shown],
        "actionSubject": subjects,
        "actionReason": [english for english, _ in said],
        "actionReasonTr": [turkish for _, turkish in said],
        "actionExamples": [" ".join(each.mentions[:EXAMPLES]) for each in shown],
    }


def _happened(action: Action) -> dict[str, Any]:
    usual = round(action.usual)
    return {
        "members": action.members,
        "days": action.until - action.since + 1,
        "usual": usual or "less than one",
        "usual_tr": usual or "birden az",
    }
