"""Where the queue is and how patiently jobs are run, from the environment (prefix MUHATAP_)."""

from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph.settings import Home

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _private(url: str) -> str:
    """An address whose traffic nobody else can read."""
    parts = urlsplit(url)
    if parts.hostname and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    ):
        return url
    raise ValueError("give an https:// address; http:// is for this machine alone")


def _sender(text: str) -> str:
    """An address with or without a name, as it may stand in a letter."""
    name, address = parseaddr(text)
    try:
        if address and Address(name, addr_spec=address).domain:
            return text
    except (MessageError, ValueError, IndexError):
        pass
    raise ValueError("write it like Brand <ideas@example.org>")


Sender = Annotated[str, AfterValidator(_sender)]
PrivateUrl = Annotated[str, AfterValidator(_private)]


class InfluenceEngine(StrEnum):
    """What computes influence: the process that runs the job, or Spark."""

    MEMORY = "memory"
    SPARK = "spark"


class JobSettings(BaseSettings):
    """Settings of everything that opens the queue."""

    model_config = SettingsConfigDict(env_prefix="MUHATAP_", extra="ignore")

    home: Home = Field(
        default=Path("~/.muhatap"), validate_default=True, description="Folder of the embedded engines"
    )
    redis_url: str | None = Field(default=None, description="redis:// or unix:// of a Valkey; none: embedded")
    queue_name: str = Field(default="muhatap:jobs", description="Name of the queue on that Valkey")
    queue_connect_timeout: float = Field(default=5, gt=0, description="Seconds until a queue counts as away")
    worker_jobs: int = Field(default=4, gt=0, description="Jobs one worker runs at once")
    job_timeout: float = Field(default=60, gt=0, description="Seconds a short job may take")
    run_timeout: float = Field(
        default=14_400, gt=0, description="Seconds a run over the whole graph may take"
    )
    run_every: float = Field(
        default=24,
        ge=0,
        le=8760,
        description="Hours between runs of communities, influence and tally; 0: when asked",
    )
    job_lease: float = Field(default=20, gt=0, description="Seconds until a killed worker's job comes back")
    job_starts: int = Field(default=3, gt=0, description="Starts of a job whose worker ends, for one attempt")
    job_attempts: int = Field(default=5, gt=0, description="Attempts until an event is a dead letter")
    dispatch_seconds: int = Field(default=1, gt=0, le=30, description="Seconds between looks at the outbox")
    sweep_silence: float = Field(default=60, gt=0, description="Seconds until an event counts as lost")
    restart_delay_max: float = Field(default=10, gt=0, description="Seconds between restarts at most")
    smtp_url: SecretStr | None = Field(
        default=None,
        description="smtp:// or smtps:// of a mail server, user and password in it; none: no e-mail",
    )
    smtp_from: Sender | None = Field(default=None, description="Sender of e-mails: Brand <ideas@example.org>")
    public_url: str | None = Field(
        default=None,
        pattern="^https?://",
        description="Address under which readers of e-mails reach this API, to unsubscribe",
    )
    email_gap: float = Field(
        default=3600,
        ge=0,
        description="Seconds between two e-mails to one address; what comes in between is one",
    )
    webhook_url: PrivateUrl | None = Field(
        default=None, description="https:// that tells customers by other ways; none: no webhook"
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="Key that signs calls of the webhook: whsec_ and base64"
    )
    send_timeout: float = Field(
        default=10, gt=0, description="Seconds a mail server or webhook may be silent"
    )
    send_delay: float = Field(
        default=30, gt=0, description="Seconds until a message is tried again; each time four times as long"
    )
    send_attempts: int = Field(default=10, gt=0, description="Attempts until a message has failed for good")
    influence_engine: InfluenceEngine = Field(
        default=InfluenceEngine.MEMORY,
        description="What computes influence: memory, of one process, or spark",
    )
    spark_master: str = Field(default="local[*]", description="Master URL of Spark")
    spark_folder: Path | None = Field(
        default=None, description="Folder that Spark and this process share by the same path; none: the home"
    )

    @property
    def between_runs(self) -> timedelta:
        """The time between two runs of a kind; 0: none by the clock."""
        return timedelta(hours=self.run_every)
