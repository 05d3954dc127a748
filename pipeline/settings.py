"""Deployment settings: ``triage.toml``, with every fault reported at once; secrets by environment or file only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from pipeline.declarative import Declared, load, read, validate
from pipeline.errors import DeclarationError
from pipeline.logins import Login
from pipeline.settings_otrs import OtrsServer
from pipeline.tongue import is_locale


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"no such time zone: {name!r}; write one such as 'Europe/Berlin'") from None
    return name


def _mail_address(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or any(
        c.isspace() or not c.isprintable() or c in ",;<>" for c in address
    ):
        raise ValueError(f"not a mail address: {address!r}; write name@example.org, without a display name")
    return address


def _keyword(word: str) -> str:
    """Check that `word` is an atom (RFC 9051, section 9) of the usual letters."""
    if not re.fullmatch(r"\$?[A-Za-z0-9_.-]{1,64}", word):
        raise ValueError(f"no keyword: {word!r}; write one such as '$Triaged'")
    return word


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError(f"not a time of day: {text[:20]!r}; write hours and minutes such as '07:30'")
    return text


T = TypeVar("T", bound=Declared)
MailAddress = Annotated[str, AfterValidator(_mail_address)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Host = Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z0-9.:_-]+$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Security = Literal["tls", "starttls", "none"]
Clock = Annotated[str, AfterValidator(_clock)]


class Server(Login):
    """A server to log in to.

    Parameters
    ----------
    host, port, security
        Where, and how the connection is protected.
    """

    host: Host
    port: Port
    security: Security = "tls"


Keyword = Annotated[str, AfterValidator(_keyword)]
MailboxName = Annotated[str, Field(min_length=1, max_length=255)]


class Keywords(Declared):
    """Which keyword a mail gets, by what became of it; none where nothing is said."""

    assign: Keyword | None = None
    review: Keyword | None = None
    file: Keyword | None = None


class Moves(Declared):
    """Which mailbox a mail is moved to, by what became of it; none where nothing is said."""

    assign: MailboxName | None = None
    review: MailboxName | None = None
    file: MailboxName | None = None


def _for_each(value: Any) -> Any:
    """Let one word stand for a table that says the same for every disposition."""
    return dict.fromkeys(("assign", "review", "file"), value) if isinstance(value, str) else value


def _keywords(value: Any) -> Any:
    """Check the one word before it is said three times."""
    return _for_each(_keyword(value) if isinstance(value, str) else value)


class ImapAccount(Server):
    """One IMAP login and the mailboxes to poll there.

    Parameters
    ----------
    name
        What the ledger calls it.
    oauth2, token_command
        Log in with an OAuth 2.0 access token by this SASL mechanism; the token is the first line that the command
        prints (a list of words, no shell), or what password_env or password_file gives.
    mailboxes
        What to poll.
    idle
        Whether `triage run` listens with IDLE, beside polling.
    batch
        Messages asked for at once.
    part_octets
        Messages over this size are fetched in parts of it.
    largest_message
        Octets; larger ones are set aside with their header.
    after
        What the server is told once a mail is decided: nothing, a keyword, or to move it.
    keyword, move_to
        One word for all, or a table by disposition: assign, review, file.
    """

    name: Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z0-9_.-]+$")]
    port: Port = 993
    oauth2: Literal["xoauth2", "oauthbearer"] | None = None
    token_command: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    mailboxes: Annotated[tuple[str, ...], Field(min_length=1)] = ("INBOX",)
    idle: bool = True
    batch: Annotated[int, Field(ge=1, le=1000)] = 100
    part_octets: Annotated[int, Field(ge=1024, le=64 * 1024 * 1024)] = 1024 * 1024
    largest_message: Annotated[int, Field(ge=1024)] = 50 * 1024 * 1024
    after: Literal["nothing", "keyword", "move"] = "nothing"
    keyword: Annotated[Keywords, BeforeValidator(_keywords)] = Keywords(
        assign="$Triaged", review="$Triaged", file="$Triaged"
    )
    move_to: Annotated[Moves, BeforeValidator(_for_each)] = Moves(
        assign="Triaged", review="Triaged", file="Triaged"
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> ImapAccount:
        if self.token_command and self.oauth2 is None:
            raise ValueError("token_command needs oauth2; set it to xoauth2 or oauthbearer")
        if self.token_command and super()._has_secret():
            raise ValueError("token_command and a password are both given; keep one of them")
        if self.oauth2 and not self.username:
            raise ValueError("oauth2 needs a username: the address of the mailbox")
        return self

    def _has_secret(self) -> bool:
        return bool(self.token_command) or super()._has_secret()


class Smtp(Server):
    """Where digests are handed in, and who they come from."""

    port: Port = 465
    from_address: MailAddress
    from_name: str = "Partnership triage"


class Committee(Declared):
    """Who reads the weekly summary, and in which language."""

    addresses: tuple[MailAddress, ...] = ()
    locale: str = "en"


class Schedule(Declared):
    """When things happen, in `timezone`."""

    timezone: TimeZone = "UTC"
    poll_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    daily: Clock = "07:00"
    weekly_day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = "mon"
    weekly: Clock = "07:00"


class LedgerSettings(Declared):
    """Where the program keeps what it knows."""

    url: Annotated[str, Field(pattern=r"^sqlite:///.+")] = "sqlite:///triage.db"


def _trusted(sender: str) -> str:
    if sender.startswith("@"):
        _mail_address(f"anybody{sender}")
        return sender
    return _mail_address(sender)


Trusted = Annotated[str, AfterValidator(_trusted)]


class Threads(Declared):
    """What joins a follow-up to its inquiry beside references.

    Parameters
    ----------
    ticket_hooks
        What the help desk writes before a ticket's number, beside the usual words: ``Vorgang-Nr`` for ``[Vorgang-Nr 12]``.
    trusted_senders
        Whose X-OTRS fields (X-OTOBO, X-Znuny) are believed: addresses, or domains as ``@help.example``. Anybody can write
        such an address into a mail: name those alone for which your mail server refuses forgeries.
    subject_days
        Days within which an equal subject between the same people joins.
    """

    ticket_hooks: tuple[Annotated[str, Field(min_length=1, max_length=40)], ...] = ()
    trusted_senders: tuple[Trusted, ...] = ()
    subject_days: Annotated[int, Field(ge=0, le=366)] = 30


def _plain_local_part(address: str) -> str:
    if "+" in address.rpartition("@")[0]:
        raise ValueError(f"{address!r} has a + already; write the plain address")
    return address


class Answers(Declared):
    """Answers by mail.

    Parameters
    ----------
    address
        Where liaisons' answers, copies of answers to inquirers, and delivery failures arrive: one of the polled
        mailboxes. Mail to ``name+anything@`` has to arrive there as well. None: nobody can answer by mail.
    authserv_ids
        Whose Authentication-Results (RFC 8601) are believed: the authserv-id that your own mail server writes.
    key_file
        The secret from which tokens are made; `triage init` makes it.
    days
        How long a token of a digest is valid.
    maintainer
        Who is told when mail to a liaison keeps coming back, or a page cannot be published; None: the committee is.
    """

    address: Annotated[MailAddress, AfterValidator(_plain_local_part)] | None = None
    authserv_ids: tuple[Host, ...] = ()
    key_file: Path = Path("triage.key")
    days: Annotated[int, Field(ge=1, le=366)] = 45
    maintainer: MailAddress | None = None


def _wiki_api(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>?#]{1,300}/api\.php", url):
        raise ValueError(
            f"{url!r} is no address of an api.php; write one such as https://wiki.example/w/api.php"
        )
    return url


def _page_title(title: str) -> str:
    """Check that pages can be called so, also with ``/2026-W47`` behind it, and be linked."""
    plain = re.fullmatch(
        r"[^\s#<>\[\]|{}_/:&%'~\x00-\x1f\x7f](?:[^#<>\[\]|{}_&%'~\x00-\x1f\x7f]*[^\s#<>\[\]|{}_/:&%'~])?",
        title,
    )
    if not plain or ".." in title or "//" in title or "  " in title or len(title.encode()) > 240:
        raise ValueError(
            f"{title!r} is no title that pages can begin with; write one such as 'Partnerships/Inquiries', "
            "with spaces for _ and without # < > [ ] | { } & % ' ~"
        )
    return title


class Wiki(Login):
    """The wiki that the weekly summary is published on.

    Parameters
    ----------
    url
        Of the wiki's ``api.php``; https, or http for the own machine.
    username
        Of a bot password, such as ``TriageBot@triage``; not needed with `oauth2`.
    oauth2
        Whether password_env or password_file gives the access token of an owner-only OAuth 2.0 consumer.
    prefix
        Pages are called PREFIX/2026-W47; the index is PREFIX itself.
    organisations
        Whether names of organisations are shown that a maintainer has approved for the public.
    locale
        Language of the pages.
    """

    url: Annotated[str, AfterValidator(_wiki_api)]
    prefix: Annotated[str, AfterValidator(_page_title)]
    oauth2: bool = False
    organisations: bool = False
    locale: str = "en"

    @model_validator(mode="after")
    def _safe(self) -> Wiki:
        address = urlsplit(self.url)
        if "@" in address.netloc:
            raise ValueError("url: names a user; give username and password_env or password_file instead")
        if address.scheme == "http" and address.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("url: without TLS only on this very machine; write https")
        if not (self.oauth2 or self.username):
            raise ValueError("username is missing: that of a bot password, or set oauth2 for an access token")
        if not self._has_secret():
            raise ValueError("password_env or password_file is missing")
        if not is_locale(self.locale):
            raise ValueError(f"locale {self.locale!r}: no such language; write one such as 'en' or 'pt_BR'")
        return self


class Folders(Declared):
    """Own files instead of the packaged ones; paths are relative to the settings file.

    Parameters
    ----------
    liaisons
        Who gets the inquiries; the packaged sample serves the demo only.
    rules, models
        Folders of rules and of models.
    model
        Which of the models serves; ``auto`` is the promoted one, else the best of those that came with the program
        and whose libraries are installed; empty for rules alone.
    """

    liaisons: Path | None = None
    rules: Path | None = None
    models: Path | None = None
    model: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]*$")] = "auto"


class Settings(Declared):
    """``triage.toml``."""

    imap: tuple[ImapAccount, ...] = ()
    otrs: tuple[OtrsServer, ...] = ()
    smtp: Smtp | None = None
    committee: Committee = Committee()
    schedule: Schedule = Schedule()
    ledger: LedgerSettings = LedgerSettings()
    folders: Folders = Folders()
    threads: Threads = Threads()
    answers: Answers = Answers()
    wiki: Wiki | None = None

    @model_validator(mode="after")
    def _distinct_accounts(self) -> Settings:
        for kind, tables in (("imap accounts", self.imap), ("otrs servers", self.otrs)):
            names = [table.name for table in tables]
            doubled = sorted({name for name in names if names.count(name) > 1})
            if doubled:
                raise ValueError(f"{kind} need names of their own; used twice: {', '.join(doubled)}")
        return self


def load_settings(path: Path) -> Settings:
    """Read the settings file `path`; relative paths in it are taken from its folder.

    Raises
    ------
    DeclarationError
        If it is missing or has faults, all of them listed.
    """
    return _anchored(load(path, Settings), path.resolve().parent)


def load_folders(path: Path) -> Settings | None:
    """Read nothing but ``[folders]`` of a settings file that has faults elsewhere; None if it has faults there too."""
    try:
        found = validate({"folders": read(path).get("folders", {})}, Settings, str(path))
    except DeclarationError:
        return None
    return _anchored(found, path.resolve().parent)


def _anchored(settings: Settings, folder: Path) -> Settings:
    ledger, prefix = settings.ledger, "sqlite:///"
    if ledger.url.startswith(prefix):
        ledger = ledger.model_copy(update={"url": prefix + str(folder / ledger.url.removeprefix(prefix))})
    return settings.model_copy(
        update={
            "imap": tuple(_anchored_files(account, folder) for account in settings.imap),
            "otrs": tuple(_anchored_files(server, folder) for server in settings.otrs),
            "smtp": settings.smtp and _anchored_files(settings.smtp, folder),
            "ledger": ledger,
            "folders": _anchored_files(settings.folders, folder),
            "answers": _anchored_files(settings.answers, folder),
            "wiki": settings.wiki and _anchored_files(settings.wiki, folder),
        }
    )


def _anchored_files(table: T, folder: Path) -> T:
    """Return `table` with its paths made absolute; `folder` is where they start."""
    paths = {name: folder / value for name, value in table if isinstance(value, Path)}
    return table.model_copy(update=paths)
