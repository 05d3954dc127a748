"""Hand mail to an SMTP server (RFC 5321, RFC 6409): one connection for many mails, answers told apart by what to do."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from pipeline.adapters.network.failures import Dropped, printable, unreachable
from pipeline.adapters.network.line import Line
from pipeline.adapters.network.oauth import Exchange, not_offered, what_to_check, with_token
from pipeline.adapters.network.tls import context
from pipeline.errors import Deferred, Refused, ServerError, Undeliverable, UsageError
from pipeline.faultpoints import reach
from pipeline.settings import Smtp

_WHERE = "smtp"
# A server that says so means the connection, not the mail (RFC 5321, section 3.8).
_CLOSING = 421
_STATUS = re.compile(r"5\.\d{1,3}\.\d{1,3}\b")
# What is left of a command line (RFC 5321, section 4.5.3.1.4) behind AUTH and a mechanism; longer tokens have to wait until they
# are asked for (RFC 4954, section 4).
_INITIAL_RESPONSE = 480
_NO_LOGIN = "it offers no login that we know; remove username, or check port and security"


class _Client(smtplib.SMTP):
    """A client whose connection another thread can end."""

    def __init__(self, line: Line, *arguments: Any, **options: Any) -> None:
        self._line = line
        super().__init__(*arguments, **options)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._line.connect(host, port, timeout)


class _TlsClient(smtplib.SMTP_SSL, _Client):
    """The same over TLS, which goes around the socket that its base gives."""

    def __init__(self, line: Line, *arguments: Any, **options: Any) -> None:
        self._line = line
        smtplib.SMTP_SSL.__init__(self, *arguments, **options)


class SmtpSender:
    """A way out for mail; connects at the first `send`, and again after the server hung up.

    Parameters
    ----------
    settings
        Settings; the password is read when a connection is made.
    """

    def __init__(self, settings: Smtp) -> None:
        self._settings = settings
        self._client: smtplib.SMTP | None = None
        self._line = Line()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, envelope_from: str, recipient: str, octets: bytes) -> None:
        """Hand in one mail for one recipient; on return the server has taken it.

        Parameters
        ----------
        envelope_from
            Reverse-path, where bounces go; empty for none.
        recipient
            Forward-path.
        octets
            The mail (RFC 5322) with CRLF line ends.

        Raises
        ------
        Deferred
            If the server says later (4yz), or the connection is lost on the way; the same mail may be sent again.
        Undeliverable
            If the server says no to the recipient or to the mail (5yz), or cannot carry the recipient's address.
        Refused
            If it says no to the session, the login or the sender: that is not the mail's fault.
        Unreachable
            If there is no connection.
        """
        client = self._connected()
        sender, options = self._path(client, envelope_from)
        try:
            forward, more = self._path(client, recipient)
        except Refused as error:
            raise Undeliverable(str(error), "5.1.3") from None
        if not octets.isascii() and client.has_extn("8bitmime"):
            options = (*options, "BODY=8BITMIME")
        with self._told(recipient):
            client.sendmail(sender, [forward], octets, mail_options=tuple({*options, *more}))
        reach("smtp.taken")

    def check(self) -> tuple[str, ...]:
        """Connect and log in; return what is wrong, a line for each problem."""
        try:
            self._connected()
        except (ServerError, UsageError) as error:
            return (str(error),)
        finally:
            self.close()
        return ()

    def interrupt(self) -> None:
        """End whatever another thread is waiting for here, and connect no more; for the end of the program."""
        self._line.cut()

    def close(self) -> None:
        """End the connection, if there is one, and never fail at it."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.quit()
            client.close()
        self._line.forget()

    @property
    def _place(self) -> str:
        return f"{_WHERE}: {self._settings.host}:{self._settings.port}"

    def _connected(self) -> smtplib.SMTP:
        if self._client is not None and not _is_alive(self._client):
            self.close()
        if self._client is None:
            self._client = self._connect()
            reach("smtp.connected")
        return self._client

    def _connect(self) -> smtplib.SMTP:
        settings = self._settings
        trust = context(settings.ca_file) if settings.security != "none" else None
        try:
            client = self._greeted(trust if settings.security == "tls" else None)
            try:
                self._log_in(client, trust)
            except BaseException:
                client.close()
                raise
        except BaseException:
            self._line.forget()
            raise
        return client

    def _log_in(self, client: smtplib.SMTP, trust: ssl.SSLContext | None) -> None:
        settings = self._settings
        with self._opening():
            client.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                self._protect(client, trust)
        if settings.oauth2:
            with_token(
                _WHERE, settings, lambda: self._line.is_cut, lambda token: self._by_token(client, token)
            )
        elif settings.username:
            with self._opening():
                client.login(settings.username, settings.password())

    def _by_token(self, client: smtplib.SMTP, token: str) -> None:
        exchange = Exchange(self._settings, token)
        offered = str(client.esmtp_features.get("auth", "")).upper().split()
        if exchange.mechanism not in offered:
            raise Refused(f"{self._place}: {not_offered(self._settings, ', '.join(sorted(set(offered))))}")
        with self._opening(exchange):
            client.auth(
                exchange.mechanism, exchange.answer, initial_response_ok=exchange.fits(_INITIAL_RESPONSE)
            )

    def _greeted(self, trust: ssl.SSLContext | None) -> smtplib.SMTP:
        settings = self._settings
        seconds = settings.timeout_seconds
        with self._opening():
            if trust is not None:
                return _TlsClient(self._line, settings.host, settings.port, timeout=seconds, context=trust)
            return _Client(self._line, settings.host, settings.port, timeout=seconds)

    def _protect(self, client: smtplib.SMTP, trust: ssl.SSLContext | None) -> None:
        if not client.has_extn("starttls"):
            raise Refused(
                f"{self._place}: it does not offer STARTTLS, and nothing is sent unprotected; "
                "set security to tls with the port for it"
            )
        client.starttls(context=trust)
        client.ehlo()

    @contextlib.contextmanager
    def _opening(self, exchange: Exchange | None = None) -> Iterator[None]:
        """Tell why there is no usable connection."""
        settings = self._settings
        try:
            yield
        except smtplib.SMTPAuthenticationError as error:
            raise self._no_login(error, exchange.reason if exchange else "") from None
        except smtplib.SMTPServerDisconnected as error:
            raise unreachable(_WHERE, settings, error.__context__ or error) from None
        except smtplib.SMTPResponseException as error:
            raise self._answered(error.smtp_code, error.smtp_error, "no session") from None
        except UnicodeEncodeError:
            raise Refused(
                f"{self._place}: it takes only ASCII in user names and passwords; change them"
            ) from None
        except (OSError, ValueError) as error:
            if isinstance(error, smtplib.SMTPException):  # AUTH is missing, or no method of it is known
                raise Refused(f"{self._place}: {_NO_LOGIN} ({printable(error)})") from None
            raise unreachable(_WHERE, settings, error) from None

    def _no_login(self, error: smtplib.SMTPAuthenticationError, reason: str) -> ServerError:
        words = f"{reason and reason + '; '}{error.smtp_code} {printable(error.smtp_error)}"
        if 400 <= error.smtp_code < 500:
            return Deferred(f"{self._place}: no login now ({words}); it is tried again at the next run")
        return Refused(
            f"{self._place}: login as {self._settings.username!r} refused ({words}); "
            f"{what_to_check(self._settings)}"
        )

    @contextlib.contextmanager
    def _told(self, recipient: str) -> Iterator[None]:
        """Tell what became of a mail."""
        try:
            yield
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise self._not_taken(code, words, recipient) from None
        except smtplib.SMTPDataError as error:
            raise self._not_taken(error.smtp_code, error.smtp_error, recipient) from None
        except smtplib.SMTPResponseException as error:
            raise self._answered(error.smtp_code, error.smtp_error, f"mail to {recipient}") from None
        except (UnicodeEncodeError, ValueError) as error:
            raise Refused(
                f"{self._place}: mail to {recipient}: not sent ({printable(error)}); check the address"
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Deferred(
                f"{self._place}: mail to {recipient}: the connection was lost ({printable(error)}); "
                "it is tried again at the next run"
            ) from None

    def _not_taken(self, code: int, words: bytes | str, recipient: str) -> ServerError:
        """Tell what a server's no to one mail means."""
        told = self._answered(code, words, f"mail to {recipient}")
        if not isinstance(told, Refused):
            return told
        found = _STATUS.match(printable(words))
        return Undeliverable(str(told), found[0] if found else "5.0.0")

    def _answered(self, code: int, words: bytes | str, what: str) -> ServerError:
        said = f"{self._place}: {what}: the server says {code} {printable(words)}"
        if code == _CLOSING:
            self.close()
        if 400 <= code < 500:
            return Deferred(f"{said}; it is tried again at the next run")
        if 500 <= code < 600:
            return Refused(f"{said}; ask the server's operator, or check the addresses")
        self.close()
        return Dropped(f"{said}, which is no answer; check host and port")

    def _path(self, client: smtplib.SMTP, address: str) -> tuple[str, tuple[str, ...]]:
        """Return `address` as this server can take it, and the option it needs (RFC 6531)."""
        if any(c.isspace() or not c.isprintable() or c in "<>" for c in address):
            raise Refused(f"{self._place}: {printable(address)!r} is not a mail address; correct it")
        if address.isascii():
            return address, ()
        if client.has_extn("smtputf8"):
            return address, ("SMTPUTF8",)
        local, _, domain = address.rpartition("@")
        with contextlib.suppress(UnicodeError):
            if local.isascii():
                return f"{local}@{domain.encode('idna').decode('ascii')}", ()
        raise Refused(
            f"{self._place}: {address} needs SMTPUTF8, which the server does not offer; use another address"
        )


def _is_alive(client: smtplib.SMTP) -> bool:
    """Tell whether a connection that was left alone can still be used."""
    try:
        return client.noop()[0] == 250
    except (OSError, smtplib.SMTPException):
        return False
