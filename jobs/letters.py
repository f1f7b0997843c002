"""Messages in words: the e-mail in the reader's language, the call of the webhook as JSON."""

import base64
import hashlib
import hmac
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from typing import Any

import orjson

from graph.deliveries import Message, Told
from graph.errors import Invalid
from graph.notices import NoticeKind
from graph.records import parse_instant

SUBJECT = 120  # characters of a title in it
ENGLISH = {
    NoticeKind.ANSWERED: "“{title}” has an answer",
    NoticeKind.STATUS_CHANGED: "“{title}” has moved on",
    NoticeKind.MERGED: "“{title}” was put together with another idea",
    NoticeKind.MERGE_UNDONE: "“{title}” and another idea stand for themselves again",
    NoticeKind.SPLIT: "“{title}” was split",
    NoticeKind.SPLIT_UNDONE: "“{title}” is whole again",
    NoticeKind.MODERATED: "A moderator has looked at “{title}”",
    NoticeKind.COMMENT_MODERATED: "A moderator has looked at your comment on “{title}”",
    NoticeKind.COMMENTED: "“{title}” has a new comment",
    NoticeKind.CHALLENGE_DECIDED: "“{title}” is decided",
}
TURKISH = {
    NoticeKind.ANSWERED: "“{title}” yanıtlandı",
    NoticeKind.STATUS_CHANGED: "“{title}” ilerledi",
    NoticeKind.MERGED: "“{title}” başka bir fikirle birleştirildi",
    NoticeKind.MERGE_UNDONE: "“{title}” ile birleştirilen fikir yeniden ayrıldı",
    NoticeKind.SPLIT: "“{title}” bölündü",
    NoticeKind.SPLIT_UNDONE: "“{title}” yeniden bütün",
    NoticeKind.MODERATED: "Bir moderatör “{title}” fikrine baktı",
    NoticeKind.COMMENT_MODERATED: "Bir moderatör “{title}” fikrine yazdığın yoruma baktı",
    NoticeKind.COMMENTED: "“{title}” için yeni bir yorum var",
    NoticeKind.CHALLENGE_DECIDED: "“{title}” sonuçlandı",
}
STATUS_ENGLISH = {
    "OPEN": "open",
    "UNDER_REVIEW": "under review",
    "PLANNED": "planned",
    "IN_PROGRESS": "in progress",
    "DELIVERED": "delivered",
    "DECLINED": "declined",
    "PUBLISHED": "published",
    "HELD": "held back",
    "HIDDEN": "hidden",
}
STATUS_TURKISH = {
    "OPEN": "açık",
    "UNDER_REVIEW": "inceleniyor",
    "PLANNED": "planlandı",
    "IN_PROGRESS": "yapılıyor",
    "DELIVERED": "tamamlandı",
    "DECLINED": "reddedildi",
    "PUBLISHED": "yayında",
    "HELD": "bekletiliyor",
    "HIDDEN": "gizlendi",
}
# The mutations by which an author asks to be shown again what a moderator does not show.
APPEALS = {NoticeKind.MODERATED: "ideaAppeal", NoticeKind.COMMENT_MODERATED: "commentAppeal"}
APPEAL = {
    "en": "If you think this is wrong, appeal: open what you wrote and say why it should be shown. "
    "The answer reaches you here.",
    "tr": "Bunun yanlış olduğunu düşünüyorsan itiraz et: yazdığını aç ve neden gösterilmesi gerektiğini söyle. "
    "Yanıt sana buradan ulaşır.",
}
SEVERAL = {"en": "News of {count} ideas of yours", "tr": "Fikirlerinden {count} haber"}
WHY = {
    "en": "You get this because you proposed, voted on, commented on or follow what it is about, and agreed to "
    "be written to. No more of it: {link}",
    "tr": "Bu iletiyi, konusu olan fikri önerdiğin, oyladığın, yorumladığın ya da izlediğin ve yazılmasına izin "
    "verdiğin için alıyorsun. Artık istemiyorsan: {link}",
}


class _OnOneLine(UnstructuredHeader, BaseHeader):
    """A header of addresses, which mail programs read as they stand: what is long would become an encoded word."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}" if self.isascii() else super().fold(policy=policy)


HEADERS = HeaderRegistry()
HEADERS.map_to_type("list-unsubscribe", _OnOneLine)
LETTERS = SMTP.clone(header_factory=HEADERS)


def letter(message: Message, *, sender: str, link: str) -> EmailMessage:
    """The e-mail of a message; what it quotes cannot add a header, and the same message has the same id.

    Raises
    ------
    Invalid
        When the address, or what is told, cannot stand in one.
    """
    name, address = parseaddr(sender)
    made = EmailMessage(policy=LETTERS)
    try:
        made["From"] = Address(name, addr_spec=address)
        made["To"] = Address(addr_spec=message.address or "")
        made["Subject"] = subject(message)
        made.set_content(body(message, link))
    except (MessageError, ValueError, IndexError) as error:
        raise Invalid(
            f"This cannot be written as a letter: {type(error).__name__}.", field="email"
        ) from error
    made["Message-ID"] = f"<{message.uid}@{address.rpartition('@')[2]}>"
    made["Date"] = format_datetime(parse_instant(message.told[-1].at))
    made["Auto-Submitted"] = "auto-generated"
    made["List-Unsubscribe"] = f"<{link}>"
    made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return made


def subject(message: Message) -> str:
    """What it is about: the idea, or how many of them."""
    if len(message.told) == 1:
        return _head(message.told[0], _language(message), SUBJECT)
    return SEVERAL[_language(message)].format(count=len(message.told))


def body(message: Message, link: str) -> str:
    """All that is told, the oldest first, and why the reader gets it."""
    language = _language(message)
    parts = [_told(told, language) for told in message.told]
    return "\n\n".join([*parts, "-- \n" + WHY[language].format(link=link)]) + "\n"


def _told(told: Told, language: str) -> str:
    head = _head(told, language)
    names = STATUS_TURKISH if language == "tr" else STATUS_ENGLISH
    status = f" ({names[told.status]})" if told.status in names else ""
    parts = [head + status, told.text, APPEAL[language] if _appeal(told) else None]
    return "\n\n".join(part for part in parts if part)


def _appeal(told: Told) -> str | None:
    """How its author appeals against what is told; None where there is nothing to appeal against."""
    return None if told.status == "PUBLISHED" else APPEALS.get(NoticeKind(told.kind))


def _head(told: Told, language: str, most: int = 1000) -> str:
    words = TURKISH if language == "tr" else ENGLISH
    title = " ".join(told.title.split())
    shown = title if len(title) <= most else title[: most - 1] + "…"
    return words[NoticeKind(told.kind)].format(title=shown)


def _language(message: Message) -> str:
    return "tr" if (message.locale or "").lower().partition("-")[0].partition("_")[0] == "tr" else "en"


def call_body(message: Message) -> bytes:
    """What the webhook is told: one notice for one customer."""
    [told] = message.told
    decided = told.kind == NoticeKind.CHALLENGE_DECIDED
    event: dict[str, Any] = {
        "type": "challenge.decided" if decided else f"idea.{told.kind.lower()}",
        "timestamp": told.at,
        "data": {
            "customer": {"uid": message.customer, "externalId": message.customer_key},
            "challenge" if decided else "idea": {
                "uid": told.subject,
                "externalId": told.subject_key,
                "title": told.title,
            },
            "comment": told.comment and {"uid": told.comment},
            "notice": {
                "uid": told.notice,
                "text": told.text,
                "status": told.status,
                "appeal": _appeal(told),
            },
            "locale": message.locale,
        },
    }
    return orjson.dumps(event)


def signed(secret: str, identity: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks (https://www.standardwebhooks.com) for a body sent at these Unix seconds.

    Raises
    ------
    ValueError
        When the secret is not `whsec_` and base64.
    """
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    content = b".".join([identity.encode(), str(seconds).encode(), body])
    signature = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{signature}",
    }
