"""Where the graph is and how patiently it is asked, from the environment (prefix MUHATAP_)."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

Home = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]


class GraphSettings(BaseSettings):
    """Settings of everything that opens the graph."""

    model_config = SettingsConfigDict(env_prefix="MUHATAP_", extra="ignore")

    home: Home = Field(
        default=Path("~/.muhatap"), validate_default=True, description="Folder of what is embedded"
    )
    graph_url: str | None = Field(default=None, description="bolt:// or neo4j:// of a Neo4j; none: embedded")
    graph_user: str = Field(default="neo4j", description="User of that Neo4j")
    graph_password: SecretStr | None = Field(
        default=None, description="Password of that user; none: no login"
    )
    graph_database: str = Field(default="neo4j", description="Database on that Neo4j")
    graph_timeout: float = Field(default=15, gt=0, description="Seconds one read may take, retries included")
    graph_write_timeout: float = Field(
        default=120, gt=0, description="Seconds one write may take, retries included"
    )
    graph_connect_timeout: float = Field(
        default=5, gt=0, description="Seconds until a database counts as away"
    )
    graph_pool: int = Field(default=100, gt=0, description="Connections to the database at most")
    graph_heap: str = Field(
        default="1g", pattern=r"^\d+[mg]$", description="Memory of the embedded engine: 512m, 2g"
    )
    link_secret: SecretStr | None = Field(
        default=None, description="Key that signs the links in e-mails; none: one kept in the home"
    )
    graph_start_timeout: float = Field(
        default=90, gt=0, description="Seconds the embedded engine may take to start"
    )
