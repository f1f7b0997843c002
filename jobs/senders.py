"""The two ways out: a mail server and a webhook; each says whether a message was accepted."""

import http.client
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from graph.deliveries import Message
from graph.errors import GraphError
from jobs.letters import call_body, signed
from jobs.settings import LOOPBACK, JobSettings


class NotSent(GraphError):
    """A message was not accepted; `for_good`: it never will be; `away`: nobody answers, for any message."""

    def __init__(self, message: str, *, for_good: bool = False, away: bool = False) -> None:
        super().__init__(message)
        self.for_good, self.away = for_good, away


@dataclass(slots=True)
class Mailer:
    """A mail server, reached when the first letter is sent; not to be shared between threads."""

    url: str
    timeout: float
    _server: smtplib.SMTP | None = field(default=None)

    def send(self, letter: EmailMessage) -> None:
        """Hand a letter over; it is accepted when this returns.

        Raises
        ------
        NotSent
            When it was refused, or the server does not answer.
        """
        server = self._server or self.connect()
        try:
            server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, _)] = error.recipients.values()
            raise NotSent(f"refused with {code}", for_good=code >= 500) from error
        except smtplib.SMTPNotSupportedError as error:
            raise NotSent("the mail server takes no address like this", for_good=True) from error
        except smtplib.SMTPResponseException as error:
            # of the sender or the text, which a person can mend, not of the reader
            self.close()
            raise NotSent(f"refused with {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise NotSent(f"the mail server went away: {type(error).__name__}") from error

    def connect(self) -> smtplib.SMTP:
        """The server, after TLS and login; a password goes over a private connection alone."""
        parts = urlsplit(self.url)
        try:
            server = _opened(parts, self.timeout)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NotSent(f"no mail server answers: {type(error).__name__}", away=True) from error
        try:
            _secured(server, parts)
        except (smtplib.SMTPException, OSError) as error:
            server.close()
            raise NotSent(f"the mail server lets nobody in: {type(error).__name__}", away=True) from error
        self._server = server
        return server

    def close(self) -> None:
        """Say goodbye."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()


def _opened(parts: SplitResult, timeout: float) -> smtplib.SMTP:
    host = parts.hostname or ""
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, parts.port or 465, timeout=timeout, context=context)
    if parts.scheme != "smtp":
        raise ValueError("not smtp:// or smtps://")
    return smtplib.SMTP(host, parts.port or 587, timeout=timeout)


def _secured(server: smtplib.SMTP, parts: SplitResult) -> None:
    server.ehlo_or_helo_if_needed()
    plain = parts.scheme == "smtp"
    if plain and server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
    elif plain and parts.username and parts.hostname not in LOOPBACK:
        raise smtplib.SMTPNotSupportedError("no STARTTLS")
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))


@dataclass(frozen=True, slots=True)
class Caller:
    """A webhook; it may be called from several threads at once."""

    url: str
    secret: str
    timeout: float

    def send(self, message: Message) -> None:
        """Call it with a message, which is accepted by any status of 200 to 299; no redirect is followed.

        Raises
        ------
        NotSent
            When it answers otherwise, or not at all.
        """
        body = call_body(message)
        headers = {"content-type": "application/json", "user-agent": "muhatap"}
        headers |= signed(self.secret, f"msg_{message.uid}", int(time.time()), body)
        parts = urlsplit(self.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            with self.connected() as connection:
                connection.request("POST", target, body, headers)
                status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            raise NotSent(f"the webhook does not answer: {type(error).__name__}") from error
        if not 200 <= status < 300:
            raise NotSent(f"answered with {status}", for_good=status == 410)

    def check(self) -> None:
        """Look whether somebody listens, and the key is one, without a call.

        Raises
        ------
        OSError, ValueError
            When nobody does, or it is none.
        """
        signed(self.secret, "msg_0", 0, b"")
        with self.connected() as connection:
            connection.connect()

    @contextmanager
    def connected(self) -> Iterator[http.client.HTTPConnection]:
        """A connection to it, with TLS where its address asks for it."""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        connection = (
            http.client.HTTPSConnection(
                host, parts.port, timeout=self.timeout, context=ssl.create_default_context()
            )
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, parts.port, timeout=self.timeout)
        )
        try:
            yield connection
        finally:
            connection.close()


def mailer(settings: JobSettings) -> Mailer | None:
    """The mail server of these settings; None unless server, sender and the address to unsubscribe at are given."""
    if settings.smtp_url is None or settings.smtp_from is None or settings.public_url is None:
        return None
    return Mailer(settings.smtp_url.get_secret_value(), settings.send_timeout)


def caller(settings: JobSettings) -> Caller | None:
    """The webhook of these settings; None unless its address and its key are given."""
    if settings.webhook_url is None or settings.webhook_secret is None:
        return None
    return Caller(settings.webhook_url, settings.webhook_secret.get_secret_value(), settings.send_timeout)
