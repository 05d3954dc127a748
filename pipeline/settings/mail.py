"""Settings of mail servers: accounts to poll, and where digests are handed in."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from pipeline.declarative import Declared
from pipeline.logins import Login
from pipeline.settings.fields import Host, MailAddress, Port, Security


def _keyword(word: str) -> str:
    """Check that `word` is an atom (RFC 9051, section 9) of the usual letters."""
    if not re.fullmatch(r"\$?[A-Za-z0-9_.-]{1,64}", word):
        raise ValueError(f"no keyword: {word!r}; write one such as '$Triaged'")
    return word


class Server(Login):
    """A server to log in to.

    Parameters
    ----------
    host, port, security
        Where, and how the connection is protected.
    oauth2, token_command
        Log in with an OAuth 2.0 access token by this SASL mechanism; the token is the first line that the command
        prints (a list of words, no shell), or what password_env or password_file gives.
    """

    host: Host
    port: Port
    security: Security = "tls"
    oauth2: Literal["xoauth2", "oauthbearer"] | None = None
    token_command: tuple[Annotated[str, Field(min_length=1)], ...] = ()

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if self.token_command and self.oauth2 is None:
            raise ValueError("token_command needs oauth2; set it to xoauth2 or oauthbearer")
        if self.token_command and super()._has_secret():
            raise ValueError("token_command and a password are both given; keep one of them")
        if self.oauth2 and not self.username:
            raise ValueError("oauth2 needs a username: the address of the mailbox")
        return self

    def _has_secret(self) -> bool:
        return bool(self.token_command) or super()._has_secret()


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
    port
        Of the server; 993 is for TLS from the first octet on.
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


class Smtp(Server):
    """Where digests are handed in, and who they come from.

    Parameters
    ----------
    port
        Of the server; 465 is for TLS from the first octet on.
    from_address, from_name
        Whom readers see as the sender.
    verp
        Whether each mail has a reverse-path of its own, by which delivery failures are known, where answers by mail are
        set up; false for servers that take the account's own address alone.
    """

    port: Port = 465
    from_address: MailAddress
    from_name: str = "Partnership triage"
    verp: bool = True
