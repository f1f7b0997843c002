"""Where the API listens, who may ask from a browser, and the limits of one request (prefix MUHATAP_)."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Environment(StrEnum):
    """What this server is for; in production only administrators see the Cypher of a query."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Origins = Annotated[list[str], NoDecode, BeforeValidator(_split)]


class ApiSettings(BaseSettings):
    """Settings of the API."""

    model_config = SettingsConfigDict(env_prefix="MUHATAP_", extra="ignore")

    host: str = Field(default="127.0.0.1", min_length=1, description="Address the API listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="Port the API listens on; 0: a free one")
    cors_origins: Origins = Field(
        default=[], description="Origins of browsers that may ask, joined by commas; none: its own pages only"
    )
    environment: Environment = Field(
        default=Environment.DEVELOPMENT,
        description="development, or production: only administrators see a query's Cypher",
    )
    request_timeout: float = Field(default=10, gt=0, description="Seconds one request may take")
    limit_body: int = Field(default=256 * 1024, gt=0, description="Bytes of a request's body at most")
    limit_query: int = Field(default=16 * 1024, gt=0, description="Bytes of a document at most")
    limit_tokens: int = Field(default=1000, gt=0, description="Tokens of a document at most")
    limit_depth: int = Field(default=12, gt=0, description="Levels of a document at most")
    limit_aliases: int = Field(default=30, ge=0, description="Aliases of a document at most")
    limit_root_fields: int = Field(default=20, gt=0, description="Fields at the root of a document at most")
    limit_directives: int = Field(default=50, ge=0, description="Directives of a document at most")
    limit_fragments: int = Field(default=50, ge=0, description="Fragments of a document at most")
    limit_cost: int = Field(default=1000, gt=0, description="Cost of one request at most")
    limit_votes: int = Field(
        default=120,
        ge=0,
        description="Votes that one person may give, change or withdraw in a minute; 0: any number",
    )
    limit_subscriptions: int = Field(
        default=500, ge=0, description="Subscriptions that one process serves at most"
    )
    limit_subscriptions_each: int = Field(
        default=20, ge=0, description="Subscriptions of one token in one process at most"
    )
    subscription_ping: float = Field(
        default=15, gt=0, description="Seconds of silence after which a subscription shows that it lives"
    )
