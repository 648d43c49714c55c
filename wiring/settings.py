"""Settings: read once, typed, frozen; a typo in a key is an error, a secret never shows.

Order: flags > environment (`TACTFUL_SERVER__PORT`) > ./tactful.toml > the user's config > the system's > defaults.
"""

import os
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from care.case import Source
from care.errors import BadSettings
from care.escalation import NOTICES
from care.sensitive import NEVER_KEPT, Handling
from wiring.channel_kinds import KINDS, REHEARSAL, check_options
from wiring.sealing import opened

SOURCE = Path(__file__).resolve().parent.parent
"""Where tactful itself lies: the default playbook and the fixtures come with it."""

REHEARSED = ("x", "facebook", "instagram", "chat", "review", "email", "webhook", NOTICES)
"""Channels that are there from the start, all in rehearsal: nothing is sent until somebody switches it on."""

_PUBLIC = frozenset({"x", "facebook", "instagram", "review"})


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ServerSettings(Section):
    """public_url: where people reach us when something stands in front, e.g. https://care.example.org.

    max_mail_bytes: the largest mail that an e-mail channel takes, with its pictures: in a mail, 25 MB of files are 34.
    Other inboxes take 3 MiB, and where attachments are kept as much more as one of them needs.
    max_connections_per_address: 0 for as many as they like; 200, and 0 where something stands in front, unless set.
    requests_per_minute: of each key in each process; 0 for as many as it likes.
    trusted_proxies: addresses or networks of what stands in front; its X-Forwarded-For is believed.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    public_url: str = ""
    max_body_bytes: int = Field(default=1_048_576, ge=1024)
    max_connections_per_address: int | None = Field(default=None, ge=0)
    requests_per_minute: int = Field(default=0, ge=0)
    trusted_proxies: tuple[str, ...] = ()
    max_mail_bytes: int = Field(default=37_748_736, ge=65_536, le=268_435_456)

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            try:
                ip_network(proxy)
            except ValueError:
                raise ValueError("an address or a network, such as 10.0.0.7 or 10.0.0.0/24") from None
        return proxies

    @property
    def connections(self) -> int:
        """Connections that one address may hold; what stands in front of us is one address for all."""
        if self.max_connections_per_address is not None:
            return self.max_connections_per_address
        return 0 if self.public_url else 200


class DatabaseSettings(Section):
    """url: "sqlite" (a file in the home folder) or postgresql+psycopg://..."""

    url: str = Field(default="sqlite", repr=False)


class RedisSettings(Section):
    """url: "embedded" (a server of our own in the home folder), redis://..., rediss://... (TLS), unix://...,
    or redis+sentinel://HOST:26379,HOST:26379/NAME."""

    url: str = Field(default="embedded", repr=False)


class ModelSettings(Section):
    """encoder: "minilm", or "none" for n-grams alone.

    bundles: by task, the bundle that judges it instead of `bundle`. precision: by task, the share of answers that has
    to be right; what cannot be promised is abstained from.
    """

    encoder: Literal["minilm", "none"] = "minilm"
    bundle: Path | None = None
    bundles: Mapping[str, Path] = {}
    encoder_folder: Path | None = None
    precision: Mapping[str, float] = {}

    @field_validator("bundle", "encoder_folder")
    @classmethod
    def _absolute(cls, folder: Path | None) -> Path | None:
        return None if folder is None else folder.expanduser().absolute()

    @field_validator("bundles")
    @classmethod
    def _all_absolute(cls, bundles: Mapping[str, Path]) -> Mapping[str, Path]:
        return {task: folder.expanduser().absolute() for task, folder in bundles.items()}

    @field_validator("precision")
    @classmethod
    def _can_be_certified(cls, precision: Mapping[str, float]) -> Mapping[str, float]:
        if any(not 0.5 <= value < 1 for value in precision.values()):
            raise ValueError("a precision is a share from 0.5 up to, but not, 1")
        return precision


class DraftingSettings(Section):
    """own_answers: whether what the team answered before may be one of the drafts.

    rewriter: base URL of an endpoint as OpenAI has it, such as http://127.0.0.1:8080/v1; without one nothing leaves the
    machine. rewriter_model: what it calls its model. rewriter_timeout_s: how long a draft waits for it.
    """

    own_answers: bool = True
    rewriter: str = ""
    rewriter_model: str = "default"
    rewriter_key: SecretStr | None = None
    rewriter_timeout_s: float = Field(default=8.0, gt=0, le=20)

    @field_validator("rewriter")
    @classmethod
    def _is_a_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and not (parts.scheme in ("http", "https") and parts.hostname and not parts.username):
            raise ValueError("the rewriter is the base URL of an endpoint, such as http://127.0.0.1:8080/v1")
        return url.rstrip("/")


class ReplySettings(Section):
    """undo_s: seconds in which an approved reply can be taken back, by channel; "*" for all others.

    What is not set here stands in the playbook, and where it does not either, it is 10 seconds.
    """

    undo_s: Mapping[str, float] = {}

    @field_validator("undo_s")
    @classmethod
    def _no_time_runs_backwards(cls, undo_s: Mapping[str, float]) -> Mapping[str, float]:
        if any(not 0 <= seconds <= 3600 for seconds in undo_s.values()):
            raise ValueError("an undo window lasts 0 to 3600 seconds")
        return undo_s


class WorkerSettings(Section):
    """How many processes work each queue, and how long a job may take.

    A lease is longer than its job's timeout: else a second worker would start what the first still does.
    """

    prepare: int = Field(default=1, ge=0, le=64)
    deliver: int = Field(default=1, ge=0, le=64)
    notify: int = Field(default=1, ge=0, le=64)
    webhook: int = Field(default=1, ge=0, le=64)
    train: int = Field(default=1, ge=0, le=1)
    prepare_timeout_s: int = Field(default=60, ge=1)
    deliver_timeout_s: int = Field(default=30, ge=1)
    train_timeout_s: int = Field(default=14_400, ge=60)
    prepare_lease_s: float = 90.0
    deliver_lease_s: float = 60.0
    sweep_s: float = Field(default=5.0, gt=0)
    unrung_s: float = Field(default=10.0, ge=0)
    recycle_after_jobs: int = Field(default=1000, ge=1)

    @model_validator(mode="after")
    def _leases_outlast_their_jobs(self) -> Self:
        for name in ("prepare", "deliver"):
            lease_s, timeout_s = getattr(self, f"{name}_lease_s"), getattr(self, f"{name}_timeout_s")
            if lease_s <= timeout_s:
                raise ValueError(f"{name}_lease_s ({lease_s:g}) must be longer than {name}_timeout_s ({timeout_s})")
        return self


class ChannelSettings(Section):
    """One channel. kind "rehearsal" keeps what it is asked to send; the others stand in `wiring/channel_kinds.py`.

    secrets: `whsec_...`, the first signs what goes out, all are accepted on what comes in; without one the channel
    has a secret of its own, made from the deployment's secret key.
    options: whatever else its table says, which is for the channel's own class; never shown: it may be a password.
    """

    kind: str = REHEARSAL
    public: bool = False
    secrets: tuple[SecretStr, ...] = ()
    options: Mapping[str, Any] = Field(default={}, repr=False)

    @model_validator(mode="before")
    @classmethod
    def _gather_options(cls, table: Any) -> Any:
        if not isinstance(table, dict):
            return table
        options = {name: value for name, value in table.items() if name not in ("kind", "public", "secrets")}
        return {name: value for name, value in table.items() if name not in options} | {"options": options}

    @field_validator("secrets")
    @classmethod
    def _nobody_guesses_them(cls, secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        from channels.http import LEAST_KEY, LONGEST_KEY, is_strong

        if not all(is_strong(secret.get_secret_value()) for secret in secrets):
            raise ValueError(
                f"a secret is whsec_ and {LEAST_KEY} to {LONGEST_KEY} random bytes in base64, and one of these is not; "
                "`tactful webhooks secret` makes one, which the sender needs too"
            )
        return secrets

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        if self.kind not in (REHEARSAL, *KINDS):
            raise ValueError(f"kind is one of {', '.join((REHEARSAL, *KINDS))}")
        if self.options or self.kind != REHEARSAL:
            # Here, once, and not at every single reply.
            check_options(self.kind, self.options)
        return self


class WebhookSettings(Section):
    """Endpoints that other systems name. is_private_allowed: they may lie inside your own network, and be plain http.

    days: how long it is kept what was sent where.
    """

    is_private_allowed: bool = False
    days: int = Field(default=30, ge=1, le=3650)


class AttachmentSettings(Section):
    """What becomes of pictures and files that come with messages. keep: whether the files themselves are kept.

    types: media types that may be kept, as the content shows them. days: how long one is kept.
    """

    keep: bool = False
    max_bytes: int = Field(default=1_073_741_824, ge=1_048_576)
    max_file_bytes: int = Field(default=10_485_760, ge=1024, le=104_857_600)
    types: tuple[str, ...] = (
        "image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "application/pdf", "video/mp4",
    )  # fmt: skip
    days: int = Field(default=30, ge=1, le=3650)


class RetentionSettings(Section):
    """How many days a case is kept after its last word, by channel and kind; "*" for all others, 0 for good.

    Kinds: "live" (counted from when it was resolved), "import" (history) and "demo" (samples).
    quarantine_days: how long what could not be read is kept after it last came.
    """

    quarantine_days: int = Field(default=30, ge=1, le=365)
    days: Mapping[str, Mapping[Source, Annotated[int, Field(ge=0, le=36500)]]] = {}


class TelemetrySettings(Section):
    """endpoint: of an OpenTelemetry collector, OTLP over HTTP, `http://127.0.0.1:4318`; empty: nothing is told."""

    endpoint: str = Field(default="", pattern=r"^$|^https?://[^\s?#]+$")


class LogSettings(Section):
    """format: "auto" is for people on a terminal and JSON elsewhere."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "pretty", "json"] = "auto"


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="TACTFUL_", env_nested_delimiter="__", validate_default=False
    )

    home: Path = Field(default_factory=lambda: platformdirs.user_data_path("tactful"))
    secret_key: SecretStr | None = None
    playbook: Path = SOURCE / "fixtures" / "playbook"
    knowledge: Path | None = None
    fixtures: Path = SOURCE / "fixtures"
    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = DatabaseSettings()
    redis: RedisSettings = RedisSettings()
    model: ModelSettings = ModelSettings()
    sensitive: Mapping[str, Handling] = {}
    drafting: DraftingSettings = DraftingSettings()
    replies: ReplySettings = ReplySettings()
    workers: WorkerSettings = WorkerSettings()
    channels: Mapping[str, ChannelSettings] = Field(default_factory=lambda: default_channels())
    attachments: AttachmentSettings = AttachmentSettings()
    webhooks: WebhookSettings = WebhookSettings()
    retention: RetentionSettings = RetentionSettings()
    logs: LogSettings = LogSettings()
    telemetry: TelemetrySettings = TelemetrySettings()

    @model_validator(mode="before")
    @classmethod
    def _opened(cls, values: Any) -> Any:
        return opened(values)

    @field_validator("home", "playbook", "knowledge", "fixtures")
    @classmethod
    def _absolute(cls, folder: Path | None) -> Path | None:
        return None if folder is None else folder.expanduser().absolute()

    @field_validator("sensitive")
    @classmethod
    def _masks_what_must_be(cls, sensitive: Mapping[str, Handling]) -> Mapping[str, Handling]:
        if Handling.WITHHELD in sensitive.values():
            raise ValueError("a kind is offline, mask or allow; withheld is what happens when the detector fails")
        kept = sorted(kind for kind in NEVER_KEPT if sensitive.get(kind) is Handling.ALLOW)
        if kept:
            raise ValueError(f"{', '.join(kept)} cannot be allowed: nothing of it may be kept")
        return sensitive

    @field_validator("channels", mode="after")
    @classmethod
    def _with_rehearsals(cls, channels: Mapping[str, ChannelSettings]) -> Mapping[str, ChannelSettings]:
        bad = [name for name in channels if not name.replace("_", "").isalnum() or name != name.lower()]
        if bad:
            raise ValueError(f"a channel's name is lower-case letters, digits and underscores, not {bad[0]!r}")
        return {**default_channels(), **channels}

    @property
    def database_url(self) -> str:
        """The database's whole address."""
        return f"sqlite:///{self.home / 'tactful.db'}" if self.database.url == "sqlite" else self.database.url

    @property
    def url(self) -> str:
        """Where people reach the console, without a slash at the end."""
        return (self.server.public_url or f"http://{self.server.host}:{self.server.port}").rstrip("/")

    @property
    def bundle(self) -> Path:
        """Folder of the bundle that serves: the named one, else the one that was promoted, else the default."""
        bundles = self.home / "bundles"
        promoted = bundles / "current"
        return self.model.bundle or (promoted if promoted.is_symlink() else bundles / "default")

    @property
    def knowledge_folder(self) -> Path:
        """Where a team writes what it knows: the named folder, else `knowledge` beside the playbook."""
        return self.knowledge or self.playbook.parent / "knowledge"

    @property
    def tone_folder(self) -> Path:
        """Where the trained head of the tone check lies."""
        return self.home / "bundles" / "tone"

    @property
    def encoder_folder(self) -> Path:
        """Where the exported encoder lies."""
        return self.model.encoder_folder or self.home / "encoder"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        files = [TomlConfigSettingsSource(settings_cls, toml_file=file) for file in config_files() if file.is_file()]
        return (init_settings, env_settings, *files)


def default_channels() -> dict[str, ChannelSettings]:
    """The channels that are there without any configuration."""
    return {name: ChannelSettings(public=name in _PUBLIC) for name in REHEARSED}


def config_files() -> list[Path]:
    """Configuration files, strongest first. TACTFUL_CONFIG names one to use instead of ./tactful.toml."""
    return [
        Path(os.environ.get("TACTFUL_CONFIG") or "tactful.toml"),
        platformdirs.user_config_path("tactful") / "config.toml",
        platformdirs.site_config_path("tactful") / "config.toml",
    ]


def load_settings(**flags: Any) -> Settings:
    """Read the settings and make the home folder, for its owner only.

    Raises BadSettings with one line that names every setting that is wrong.
    """
    try:
        settings = Settings(**flags)
    except ValidationError as error:
        # The values themselves stay out: one of them may be a secret.
        problems = [f"{_name(problem['loc'])}: {_plain(problem['msg'])}" for problem in error.errors()]
        raise BadSettings("; ".join(problems)) from None
    except (SettingsError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"A configuration cannot be read: {error}") from None
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(f"home: {settings.home} cannot be made: {error.strerror}") from None
    return settings


def _name(place: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in place) or "settings"


def _plain(message: str) -> str:
    if message == "Extra inputs are not permitted":
        return "there is no such setting"
    return message.removeprefix("Value error, ")
