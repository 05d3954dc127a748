"""The ticket operations of a help desk of the OTRS family (OTRS 6, Znuny, OTOBO) over its Generic Interface.

What the server does, and what is done about it here:

- The operations' errors come as HTTP 200 with an ``Error`` object; they are raised.
- A session that ended and one that never was give the same error; there is one new login, then the error counts.
- A missing ticket and a forbidden one are told alike: `Denied`.
- Requests by GET put the session into the address, and so into logs, and cannot ask for dynamic fields. Search and get
  go by POST where the web service has these routes, else by GET; it is asked once.
- Unknown search parameters are ignored, and then every ticket is found: callers check what they get.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.adapters.network.failures import blotted, printable
from pipeline.adapters.otrs import answers
from pipeline.adapters.otrs.http import Pause, RouteMissing, Wire
from pipeline.errors import Refused
from pipeline.records.tickets import Ticket
from pipeline.settings.otrs import OtrsServer

_SMALL = 16 * 1024 * 1024
_LOGIN = 1024 * 1024
# Search results are complete where no more than the limit are found; the server's default is 500.
_WHOLE = {"AllArticles": 1, "Attachments": 1, "DynamicFields": 1, "HTMLBodyAsAttachment": 1}


class OperationError(Refused):
    """An operation said no.

    Parameters
    ----------
    message
        What went wrong, in the server's words.
    code
        As the server names it, such as ``TicketUpdate.InvalidParameter``.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Denied(OperationError):
    """The ticket is not there, or not for this agent; the server tells both alike."""


class OtrsClient:
    """One agent's session with one web service; for use in one thread at a time.

    Parameters
    ----------
    server
        Its settings; the password is read when a session begins.
    pause
        Called with seconds to wait between requests; a true answer means stop.
    tick
        Seconds of a clock that never goes back.
    """

    def __init__(
        self, server: OtrsServer, pause: Pause = time.sleep, tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._server = server
        self._where = f"otrs.{server.name}"
        self._zone = ZoneInfo(server.timezone)
        self._wire = Wire(server, pause, tick)
        self._session = ""
        # Route to whether it takes POST; absent until it was tried.
        self._by_post: dict[str, bool] = {}

    @property
    def server(self) -> OtrsServer:
        """The settings."""
        return self._server

    @property
    def answered_at(self) -> datetime | None:
        """When the last answer was made by the server's clock (aware, UTC), or None if it did not say."""
        try:
            return parsedate_to_datetime(self._wire.date).astimezone(UTC)
        except (ValueError, TypeError, OverflowError):
            return None

    def search(self, filters: Mapping[str, Any]) -> tuple[int, ...]:
        """Return the ids of tickets, as the server found them: it may have ignored a filter that it does not know.

        Where the web service takes no POST, conditions on dynamic fields are left out.

        Raises
        ------
        Refused, Unreachable
            As all operations here.
        """
        flat = {name: value for name, value in filters.items() if not isinstance(value, Mapping)}
        found = self._read("/TicketSearch", filters, "/Ticket", flat, _SMALL, "TicketID")
        return answers.numbers(found, "TicketID")

    def searches_by_post(self) -> bool:
        """Tell whether the web service takes a search by POST, after one search at least."""
        return self._by_post.get("/TicketSearch", False)

    def gets_by_post(self) -> bool:
        """Tell whether the web service takes a get by POST, after one get at least."""
        return self._by_post.get("/Ticket/", False)

    def ticket(self, ticket: int, *, contents: bool = True, largest: int | None = None) -> Ticket:
        """Return a ticket with its articles and attachments.

        Parameters
        ----------
        contents
            Whether to ask for what is in the attachments.
        largest
            Most octets of the answer; by default as much as the largest message takes in base64, and more.

        Raises
        ------
        Denied
            If it is not there, or not for this agent.
        TooLarge
            If the answer is larger than `largest`.
        """
        extra = _WHOLE if contents else _WHOLE | {"GetAttachmentContents": 0}
        limit = largest or 2 * self._server.largest_message + _SMALL
        found = self._tickets((ticket,), extra, limit)
        if len(found) != 1 or found[0].id != ticket:
            raise Refused(
                f"{self._where}: asked for ticket {ticket}, and got another or none; see: triage otrs check"
            )
        return found[0]

    def headers(self, tickets: Iterable[int]) -> tuple[Ticket, ...]:
        """Return tickets without articles; those that are gone or forbidden are left out."""
        wanted = tuple(tickets)
        if not wanted:
            return ()
        try:
            return self._tickets(wanted, {"DynamicFields": 1}, _SMALL)
        except Denied:
            if len(wanted) == 1:
                return ()
            middle = len(wanted) // 2
            return self.headers(wanted[:middle]) + self.headers(wanted[middle:])

    def update(self, ticket: int, change: Mapping[str, Any]) -> None:
        """Change a ticket in one request; never repeated by itself, but for a session that had ended.

        Raises
        ------
        OperationError
            If the server refuses it; then it has written nothing.
        Unreachable
            If it is not known whether it was done.
        """
        self._operate("PATCH", f"/Ticket/{ticket}", change, _SMALL)

    def session(self) -> None:
        """Begin a session now, if there is none.

        Raises
        ------
        Refused
            If user name and password are not accepted.
        """
        if not self._session:
            self._log_in()

    @property
    def has_session(self) -> bool:
        """Whether there was a login that may still hold."""
        return bool(self._session)

    def interrupt(self) -> None:
        """End what another thread waits for here, and send nothing more."""
        self._wire.interrupt()

    def close(self) -> None:
        """End the connection; the next use makes another, in the same session while that lasts.

        There is no operation that ends a session, and servers allow an agent so many.
        """
        self._wire.close()

    def _tickets(self, wanted: tuple[int, ...], extra: Mapping[str, Any], limit: int) -> tuple[Ticket, ...]:
        route = "/Ticket/" + ",".join(map(str, wanted))
        found = self._read(route, extra, route, extra, limit, "Ticket")
        try:
            tickets = answers.tickets(found, self._zone)
        except answers.Malformed as error:
            raise Refused(f"{self._where}: answers with {error}; see: triage otrs check") from None
        return tuple(one for one in tickets if one.id in wanted)

    def _read(
        self,
        post_route: str,
        payload: Mapping[str, Any],
        get_route: str,
        query: Mapping[str, Any],
        limit: int,
        key: str,
    ) -> dict[str, Any]:
        """Ask by POST, or by GET where the web service knows no better; `key` tells an answer from another route's."""
        kind = post_route.rstrip("0123456789,")
        if self._by_post.get(kind, True):
            try:
                found = self._operate("POST", post_route, payload, limit)
            except RouteMissing:
                self._by_post[kind] = False
            else:
                # Without the key it is another operation's answer; nothing found is `{}`.
                self._by_post[kind] = not found or key in found
                if self._by_post[kind]:
                    return found
        return self._operate("GET", get_route, query, limit)

    def _operate(self, method: str, route: str, values: Mapping[str, Any], limit: int) -> dict[str, Any]:
        """Send one request in the session; begin another session once if this one has ended."""
        fresh = not self._session
        self.session()
        try:
            return self._once(method, route, values, limit)
        except OperationError as error:
            if fresh or not error.code.endswith(".AuthFail"):
                raise
        self._session = ""
        self.session()
        return self._once(method, route, values, limit)

    def _once(self, method: str, route: str, values: Mapping[str, Any], limit: int) -> dict[str, Any]:
        told = {"SessionID": self._session, **values}
        found = (
            self._wire.send(method, route, query=told, limit=limit, secrets=(self._session,))
            if method == "GET"
            else self._wire.send(method, route, payload=told, limit=limit, secrets=(self._session,))
        )
        self._check(found, (self._session,))
        return found

    def _log_in(self) -> None:
        password = self._server.password()
        told = {"UserLogin": self._server.username, "Password": password}
        found = self._wire.send("POST", "/Session", payload=told, limit=_LOGIN, secrets=(password,))
        self._check(found, (password,))
        session = found.get("SessionID")
        if not isinstance(session, str) or not session.isalnum() or len(session) > 200:
            raise Refused(f"{self._where}: begins no session; see: triage otrs check")
        self._session = session

    def _check(self, found: Mapping[str, Any], secrets: tuple[str, ...]) -> None:
        """Raise what the server calls an error, in an answer that HTTP calls a success."""
        error = found.get("Error")
        if error is None:
            return
        said = error if isinstance(error, Mapping) else {}
        code = blotted(printable(said.get("ErrorCode") or "unknown"), *secrets)
        words = blotted(printable(said.get("ErrorMessage") or "no message"), *secrets)
        raise self._error(code, words)

    def _error(self, code: str, words: str) -> OperationError:
        where = self._where
        if code == "SessionCreate.AuthFail":
            words = "user name or password is wrong, or the agent is not valid; correct username and password"
            return OperationError(f"{where}: {words}", code)
        if code.endswith(".AuthFail"):
            return OperationError(
                f"{where}: the session is not accepted ({code}), although the login was; "
                "check that the server keeps sessions",
                code,
            )
        if code.endswith(".AccessDenied"):
            return Denied(
                f"{where}: the ticket is not there, or the agent may not read or change it ({code}); see: triage otrs check",
                code,
            )
        return OperationError(f"{where}: the help desk says no ({words}; {code})", code)
