"""The one step out of e-mails: a signed link that needs no login, for mail programs (RFC 8058) and for people."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from graph import consents
from graph.driver import Graph
from graph.errors import GraphError
from graph.records import now
from jobs.links import key_of, unsubscriber

HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "x-content-type-options": "nosniff",
}
WORDS = {
    "en": {
        "title": "E-mails about ideas",
        "ask": "You will get no more e-mails about ideas.",
        "button": "Unsubscribe",
        "done": "Done: no more e-mails about ideas will be sent to you.",
        "wrong": "This link is not whole. Copy it again from the e-mail.",
        "away": "This cannot be done right now. Please try again in a moment.",
    },
    "tr": {
        "title": "Fikirlerle ilgili e-postalar",
        "ask": "Artık fikirlerle ilgili e-posta almayacaksınız.",
        "button": "Abonelikten çık",
        "done": "Tamam: size fikirlerle ilgili e-posta gönderilmeyecek.",
        "wrong": "Bu bağlantı eksik. E-postadan yeniden kopyalayın.",
        "away": "Bu şu anda yapılamıyor. Lütfen biraz sonra yeniden deneyin.",
    },
}
PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}}
button{{font:inherit;padding:.5rem 1rem}}</style>
<h1>{title}</h1><p>{text}</p>{form}
</html>
"""
FORM = '<form method="post"><button>{button}</button></form>'


class Unsubscribe:
    """Shows the question at GET, which link checkers follow, and acts at POST alone."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    async def __call__(self, request: Request) -> Response:
        """GET and POST /unsubscribe?token=…"""
        token = request.query_params.get("token", "")
        try:
            customer = unsubscriber(key_of(self.graph.settings), token)
            if customer is None:
                return _page(request, 400, "wrong")
            if request.method != "POST":
                return _page(request, 200, "ask")
            await self.graph.write(consents.unsubscribe, customer=customer, now=now())
        except GraphError:
            return _page(request, 503, "away")
        return _page(request, 200, "done")


def _page(request: Request, status: int, text: str) -> Response:
    wanted = request.headers.get("accept-language", "")[:2].lower()
    language = wanted if wanted in WORDS else "en"
    words = WORDS[language]
    form = FORM.format(**words) if text == "ask" else ""
    page = PAGE.format(language=language, title=words["title"], text=words[text], form=form)
    return HTMLResponse(page, status, headers=HEADERS)
