"""Where this process finds its ledger, broker, files and models: the only reader of environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from posebatch_shared.errors import UsageError


class Settings(BaseSettings):
    """Read once per process by `load_settings`; every value has a default that needs nothing."""

    model_config = SettingsConfigDict(
        env_prefix="POSEBATCH_",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
    )

    home: Path = Field(default_factory=lambda: Path.home() / ".posebatch")
    store_url: str = ""  #: empty: SQLite under home
    broker_url: str = ""  #: empty: a private Redis, started by `run`
    artifacts_url: str = ""  #: empty: a folder under home; or an fsspec address such as s3://…
    roots: Annotated[Mapping[str, str], NoDecode] = Field(default_factory=dict)
    model_dir: Path | None = None
    tracker_backend: str = Field(default="auto", validation_alias="POSE_TRACKER_BACKEND")

    device: Literal["cpu", "gpu"] = "cpu"  #: this worker's tag
    allow_fallback: bool = False  #: a gpu worker may become a cpu worker
    concurrency: NonNegativeInt = 0  #: trackers of this worker, one per process; 0: one per core

    lease_seconds: PositiveFloat = 10.0  #: a silent worker loses its job after this long
    beat_seconds: PositiveFloat = 2.0
    sweep_seconds: PositiveFloat = 1.0  #: between two looks of the keeper
    dispatch_window: PositiveInt = 100  #: wake-ups in Redis at most, per queue
    message_seconds: NonNegativeFloat = 1.0  #: a wake-up may serve several short jobs for this long
    grace_seconds: NonNegativeInt = 20  #: a stopping worker gives its clip this long
    job_timeout_seconds: PositiveFloat = 6 * 3600.0  #: an attempt is given up after this long
    max_attempts: PositiveInt = 5  #: of jobs that are submitted from here
    orphan_days: NonNegativeFloat = 7.0  #: files that no result names go after so long; 0: never
    decoder_timeout_seconds: PositiveFloat = 30.0
    least_side_px: PositiveInt = 640  #: pictures are halved while the longer side keeps this
    checkpoint_seconds: PositiveFloat = 20.0  #: of video between two checkpoints of a long clip
    key_prefix: str = "posebatch:"
    dashboard_url: str = "http://127.0.0.1:8090"
    dashboard_token: str = ""  #: empty: the dashboard only shows
    flower_user: str = "posebatch"
    flower_password: str = ""  #: empty: made up at start and printed

    @field_validator("home", "model_dir")
    @classmethod
    def _expand(cls, value: Path | None) -> Path | None:
        """`~` as a shell would have it; files of settings pass it on as it is."""
        return value.expanduser() if value else value

    @field_validator("roots", mode="before")
    @classmethod
    def _split_roots(cls, value: object) -> object:
        """`archive=/mnt/nas/videos,cloud=s3://bucket/clips` as a mapping."""
        if not isinstance(value, str):
            return value
        pairs = (pair.partition("=") for pair in value.split(",") if pair.strip())
        return {name.strip(): target.strip() for name, _, target in pairs}

    @property
    def mounts(self) -> Mapping[str, str]:
        """Root names to folders or fsspec addresses; the whole machine unless roots are named."""
        return self.roots or {"local": "/"}

    @property
    def resolved_store_url(self) -> str:
        """The ledger's address, SQLite under `home` by default."""
        return self.store_url or f"sqlite:///{self.home.resolve()}/ledger.sqlite"

    @property
    def resolved_artifacts_url(self) -> str:
        """Where keypoints and overlays go, a folder under `home` by default."""
        return self.artifacts_url or str(self.home.resolve() / "artifacts")


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment; raises UsageError that names the bad variable."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper()
        name = name if name.startswith("POSE_") else f"POSEBATCH_{name}"
        raise UsageError(f"{name}: {first['msg']}") from None
