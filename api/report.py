"""A challenge as one HTML file without scripts, fonts and other files; text from outside is only ever text."""

from collections.abc import Iterator, Mapping

from api.report_pictures import agreement, by_camp, by_community, support
from api.report_words import WORDS, percent
from api.svg import plain
from graph.console import Share
from graph.reports import Report, ReportedIdea, Step
from jobs.reports import Camps, Drawn, Saying, drawn, ranked

FEWEST_POINTS = 3
MINUS = "\N{MINUS SIGN}"
STYLE = """
:root{color-scheme:light}
body{font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:#1c1f24;background:#fff;
margin:0 auto;padding:32px 24px 64px;max-width:920px}
h1{font-size:28px;line-height:1.25;margin:0 0 4px}
h2{font-size:20px;margin:44px 0 4px}h3{font-size:16px;margin:24px 0 4px}
.small{color:#5b636e;font-size:13px;margin:0 0 12px}svg{width:100%;height:auto;display:block}
.wide+.small{margin-top:20px}.wide{overflow-x:auto}.wide svg{min-width:640px}
table{border-collapse:collapse;width:100%;font-size:13px}
th,td{text-align:left;vertical-align:top;padding:6px 8px;border-bottom:1px solid #e6e9ed}
th{font-weight:600;border-bottom-color:#9aa1a9}.n{text-align:right;font-variant-numeric:tabular-nums}
td.n,.d{white-space:nowrap}
td.t{min-width:200px;overflow-wrap:anywhere}td.w{min-width:150px}
blockquote{margin:6px 0;padding:8px 14px;border-left:3px solid #0072b2;background:#f5f8fb;white-space:pre-wrap;
overflow-wrap:anywhere}
.s{border:1px solid #c9ced4;border-radius:9px;padding:1px 8px;white-space:nowrap}
@media print{.wide{overflow:visible}.wide svg{min-width:0}h2{break-after:avoid}tr,svg,blockquote{break-inside:avoid}}
"""


def html(report: Report, locale: str) -> str:
    """The document of a report in `EN` or `TR`; the same report gives the same bytes."""
    said, pictures = WORDS[locale], drawn(report)
    lang = locale.lower()
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    parts = [
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{plain(report.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
        f"<h1>{plain(report.title)}</h1>",
        *_head(report, said),
        *_pictures(pictures, said, locale),
        *_table(report, said, locale),
        *_decisions(report, said),
        "</body>\n</html>",
    ]
    return "\n".join(parts) + "\n"


def _head(report: Report, said: Mapping[str, str]) -> Iterator[str]:
    if report.question and report.question != report.title:
        yield f"<p>{plain(report.question)}</p>"
    votes = report.votes
    facts = said["facts"].format(
        ideas=f"{len(report.ideas):,}", voters=f"{len(votes.voters):,}", votes=f"{len(votes):,}"
    )
    until = f"{said['as_of']} {_day(report.as_of)}" if report.as_of else said["no_run"]
    yield f'<p class="small">{plain(facts)} · {plain(until)}</p>'


def _pictures(pictures: Drawn, said: Mapping[str, str], locale: str) -> Iterator[str]:
    if pictures.bars:
        yield _titled("tally", said)
        yield _wide(support(pictures.bars, locale))
    yield _titled("map", said)
    yield from _maps(pictures, said)
    yield from _camps(pictures.camps, said, locale)
    yield _titled("cells", said)
    if pictures.cells.communities:
        yield _wide(agreement(pictures.cells, said, locale))
    else:
        yield f"<p>{plain(said['cells_none'])}</p>"


def _wide(picture: str) -> str:
    """Something that is as wide as it can be read, and scrolls where the page is narrower."""
    return f'<div class="wide">{picture}</div>'


def _maps(pictures: Drawn, said: Mapping[str, str]) -> Iterator[str]:
    plane = pictures.by_community
    if len(plane.points) < FEWEST_POINTS:
        yield f"<p>{plain(said['map_none'])}</p>"
        return
    if pictures.by_camp:
        yield f'<p class="small">{plain(said["map_camps"])}</p>'
        yield _wide(by_camp(pictures.by_camp, said))
    if plane.places or not pictures.by_camp:
        yield f'<p class="small">{plain(said["map_communities"])}</p>'
        yield _wide(by_community(plane, said))


def _camps(found: Camps | None, said: Mapping[str, str], locale: str) -> Iterator[str]:
    """The groups of opinions: what sets each apart, and what all say."""
    yield _titled("camps", said)
    if not found or not found.camps:
        text = (
            said["camps_weak"].format(separation=_number(found.separation)) if found else said["camps_none"]
        )
        yield f"<p>{plain(text)}</p>"
        return
    yield f"<p>{plain(said['camps_apart'].format(separation=_number(found.separation)))}</p>"
    for camp in found.camps:
        name = said["camp"].format(letter=camp.letter)
        yield f"<h3>{plain(name)} · {plain(said['members'].format(count=f'{camp.size:,}'))}</h3>"
        yield _sayings(camp.sayings, said, locale, said["camp_none"])
    yield f"<h3>{plain(said['common'])}</h3>"
    yield _sayings(found.common, said, locale, said["common_none"])


def _sayings(sayings: tuple[Saying, ...], said: Mapping[str, str], locale: str, none: str) -> str:
    if not sayings:
        return f"<p>{plain(none)}</p>"
    rows = []
    for saying in sayings:
        low, high = (percent(share, locale) for share in (saying.shares[0], saying.shares[-1]))
        others = "" if saying.others is None else percent(saying.others, locale)
        kind = "says" if saying.others is not None else "says_all"
        words = said[kind].format(low=low, high=high, others=others)
        value = said["for" if saying.value > 0 else "against"]
        rows.append(
            f"<li><b>{plain(value)}</b> {plain(saying.title)} <span class='small'>{plain(words)}</span>"
        )
    return "<ul>" + "</li>".join(rows) + "</li></ul>"


def _titled(name: str, said: Mapping[str, str]) -> str:
    return f'<h2>{plain(said[name])}</h2>\n<p class="small">{plain(said[f"{name}_note"])}</p>'


NUMBERS = ("support", "consensus", "divisive", "bridging")


def _table(report: Report, said: Mapping[str, str], locale: str) -> Iterator[str]:
    yield f'<h2>{plain(said["ideas"])}</h2>\n<div class="wide">\n<table>\n<thead><tr>'
    yield f"<th>{plain(said['idea'])}</th><th>{plain(said['status'])}</th><th class='n'>{plain(said['votes'])}</th>"
    yield "".join(f"<th class='n'>{plain(said[name])}</th>" for name in NUMBERS)
    yield f"<th>{plain(said['why'])}</th></tr></thead>\n<tbody>"
    for idea in ranked(report):
        yield _row(idea, said, locale)
    yield "</tbody>\n</table>\n</div>"


def _row(idea: ReportedIdea, said: Mapping[str, str], locale: str) -> str:
    found = idea.tally
    author = (
        f"<br><span class='small'>{plain(said['by'].format(who=idea.author))}</span>" if idea.author else ""
    )
    counts = f"{found.up:,} / {found.down:,} / {found.passed:,}" if found else ""
    numbers = "".join(
        f"<td class='n'>{_number(getattr(found, name) if found else None)}</td>" for name in NUMBERS
    )
    return (
        f"<tr><td class='t'>{plain(idea.title)}{author}</td><td>{_status(idea, said)}</td>"
        f"<td class='n'>{counts}</td>{numbers}<td class='w'>{plain(_why(idea, said, locale))}</td></tr>"
    )


def _status(idea: ReportedIdea, said: Mapping[str, str]) -> str:
    shown = f"<span class='s'>{plain(said[idea.status])}</span>"
    if idea.planned_for and not idea.shipped_url:
        day = f"<span class='d'>{plain(idea.planned_for)}</span>"
        shown += f"<br>{plain(said['planned']).format(day=day)}"
    return shown


def _why(idea: ReportedIdea, said: Mapping[str, str], locale: str) -> str:
    """What the place of an idea rests on: how far the communities agree."""
    found = idea.tally
    votes = found.up + found.down + found.passed if found else 0
    if not found or not votes:
        return said["why_none"]
    counted = sorted((share for share in found.shares if share.counted), key=lambda share: share.approval)
    if len(counted) < 2:
        return said["why_plain"].format(up=f"{found.up:,}", votes=f"{votes:,}")
    least, most = counted[0], counted[-1]
    kind = "why_broad" if least.approval >= 0.5 else "why_split"
    return said[kind].format(
        low=percent(least.approval, locale),
        high=percent(most.approval, locale),
        least=_named(least, said),
        most=_named(most, said),
    )


def _named(share: Share, said: Mapping[str, str]) -> str:
    return share.community or said["nobody"]


def _decisions(report: Report, said: Mapping[str, str]) -> Iterator[str]:
    yield f"<h2>{plain(said['decisions'])}</h2>"
    decided = [idea for idea in ranked(report) if idea.steps or idea.answer]
    if not decided:
        yield f"<p>{plain(said['decisions_none'])}</p>"
    for idea in decided:
        yield f"<h3>{plain(idea.title)} <span class='s'>{plain(said[idea.status])}</span></h3>"
        if idea.answer:
            known = {"version": idea.answer.version, "who": idea.answer.by, "day": _day(idea.answer.at)}
            yield f"<blockquote>{plain(idea.answer.text)}</blockquote>"
            yield f'<p class="small">{plain(said["answer"].format(**known))}{_shipped(idea, said)}</p>'
        yield "<ul>" + "".join(_step(step, said) for step in idea.steps) + "</ul>"


def _shipped(idea: ReportedIdea, said: Mapping[str, str]) -> str:
    if not idea.shipped_url:
        return ""
    address = plain(idea.shipped_url).replace('"', "&quot;").replace("'", "&#39;")
    return f' · <a rel="noreferrer noopener" href="{address}">{plain(said["shipped"])}</a>'


def _step(step: Step, said: Mapping[str, str]) -> str:
    known = {"before": said[step.before], "after": said[step.after], "day": _day(step.at), "who": step.by}
    return f"<li>{plain(said['step'].format(**known))}<br>{plain(step.reason)}</li>"


def _day(instant: str) -> str:
    return instant[:10]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".replace("-", MINUS)
