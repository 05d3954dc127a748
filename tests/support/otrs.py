"""A help desk of the OTRS family for tests: answers in the recorded shapes, and has the traps of the real one.

What it reproduces, as it was seen on a real server (OTOBO 11, web service GenericTicketConnectorREST): operation errors
as HTTP 200, transport errors as HTTP 500 in plain text, ``{}`` for nothing found, one AccessDenied for missing and
forbidden, GET bodies ignored, unknown search parameters ignored (and then every ticket found), a queue move that
resets owner and lock, notes that send mail, PATCH only, nothing written where one part of an update is bad, sessions
that end. Its tickets are in `tests.support.otrs_tickets`. Times are the desk's own clock, which tests move.
"""

from __future__ import annotations

import base64
import json
import random
import ssl
import string
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pipeline.settings.otrs import OtrsServer
from tests.support.certificates import Certificates
from tests.support.otrs_tickets import ROOT, OperationFailed, Tickets, many_of, one_of

LOGIN, PASSWORD = "triage", "only-for-tests"
PASSWORD_ENV = "TRIAGE_OTRS_PASSWORD"
SERVICE = "GenericTicketConnectorREST"
_BASE = "/otrs/nph-genericinterface.pl/Webservice/"


@dataclass
class Request:
    """What a client asked."""

    method: str
    path: str
    query: dict[str, Any]
    body: dict[str, Any]

    @property
    def told(self) -> dict[str, Any]:
        """All parameters that count."""
        return self.query if self.method == "GET" else self.body


@dataclass
class Answer:
    """What is answered instead of the right thing."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    after: Callable[[], object] | None = None


def plain(status: int, text: str) -> Answer:
    """Return an answer in plain text, as transport errors are."""
    return Answer(status=status, body=text.encode(), content_type="text/plain; charset=UTF-8")


class FakeHelpDesk(Tickets):
    """A help desk in this process; start it with `running_help_desk`."""

    def __init__(self) -> None:
        super().__init__({LOGIN: PASSWORD, "alice": "pw-of-alice", ROOT: "pw-of-root"})
        self.port = 0
        self.web_services = {SERVICE}
        # With the routes that an administrator adds.
        self.post_routes = True
        self.may_update = True
        # Queues whose follow-ups are answered automatically.
        self.auto_follow_up: set[str] = {"Partnerships"}
        self.ignored: set[str] = set()
        self.session_requests: int | None = None
        self.get_seconds = 0.0
        self.requests: list[Request] = []
        self.sent: list[tuple[str, str]] = []
        self.answers: list[Answer | None] = []
        # Called with each request; what one returns is the answer.
        self.hooks: list[Callable[[Request], Answer | None]] = []
        self.hang = threading.Event()
        self._sessions: dict[str, tuple[str, int]] = {}
        self._seconds = 0.0
        self._random = random.Random(7)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/otrs/nph-genericinterface.pl"

    def settings(self, **more: object) -> OtrsServer:
        """Return settings for this desk; the password is in `PASSWORD_ENV`."""
        values = {
            "name": "desk",
            "url": self.url,
            "username": LOGIN,
            "password_env": PASSWORD_ENV,
            "queues": ["Partnerships"],
            "timeout_seconds": 10.0,
            "per_minute": 60_000,
        }
        return OtrsServer.model_validate_json(json.dumps({**values, **more}))

    def tick(self) -> float:
        """Return seconds of a clock that only the desk's answers move."""
        return self._seconds

    def operations(self) -> list[str]:
        """Return method and route of each request, ids left out."""
        return [f"{one.method} {one.path.rstrip('0123456789,')}" for one in self.requests]

    def handle(self, request: Request, service: str) -> Answer:
        with self.lock:
            self.requests.append(request)
            for hook in self.hooks:
                if (other := hook(request)) is not None:
                    return other
            planned = self.answers.pop(0) if self.answers else None
            if planned is not None:
                return planned
            if service not in self.web_services:
                return plain(500, "")
            operation = self._operation(request)
            if operation is None:
                return plain(
                    500, f"HTTP::REST Error while determine Operation for request URI '{request.path}'."
                )
            try:
                found = getattr(self, f"_do_{operation}")(request)
            except OperationFailed as error:
                found = {"Error": {"ErrorCode": error.code, "ErrorMessage": str(error)}}
            return Answer(body=self._shuffled(found))

    def _operation(self, request: Request) -> str | None:
        method, parts = request.method, request.path.strip("/").split("/")
        if parts == ["Session"]:
            return "session_create" if method == "POST" else None
        if parts[0] == "Session" and len(parts) == 2:
            return "session_get" if method == "GET" else None
        if parts == ["TicketSearch"]:
            return "search" if self.post_routes and method in {"GET", "POST"} else None
        if parts == ["Ticket"]:
            return {"GET": "search", "POST": "create"}.get(method)
        if parts[0] == "Ticket" and len(parts) == 2:
            if method == "POST":
                return "get" if self.post_routes else None
            return {"GET": "get", "PATCH": "update"}.get(method)
        return None

    def _do_session_create(self, request: Request) -> dict[str, Any]:
        login = str(request.told.get("UserLogin"))
        if self.agents.get(login) != request.told.get("Password"):
            raise OperationFailed("SessionCreate.AuthFail", "SessionCreate: Authorization failing!")
        session = "".join(self._random.choices(string.ascii_letters + string.digits, k=32))
        self._sessions[session] = (login, 0)
        return {"SessionID": session}

    def _do_session_get(self, _: Request) -> dict[str, Any]:
        data = {"UserLogin": LOGIN, "UserEmail": "triage@help.example", "UserType": "User"}
        return {"SessionData": [{"Key": key, "Value": value} for key, value in data.items()]}

    def _do_search(self, request: Request) -> dict[str, Any]:
        self._login_of(request, "TicketSearch")
        told = {name: value for name, value in request.told.items() if name not in self.ignored}
        found = [one for one in self.tickets.values() if self.may_read(one) and self.fits(one, told)]
        found.sort(key=lambda one: (one["Created"], one["TicketID"]), reverse=True)
        if one_of(told.get("SortBy")) in {"Changed", "Created"}:
            key = one_of(told["SortBy"])
            found.sort(
                key=lambda one: (one[key], one["TicketID"]), reverse=one_of(told.get("OrderBy")) != "Up"
            )
        ids = [str(one["TicketID"]) for one in found[: int(told.get("Limit") or 500)]]
        return {"TicketID": ids} if ids else {}

    def _do_get(self, request: Request) -> dict[str, Any]:
        self._login_of(request, "TicketGet")
        self._seconds += self.get_seconds
        told = request.told
        found = []
        for ident in request.path.rsplit("/", 1)[1].split(","):
            one = self.tickets.get(int(ident))
            if one is None or not self.may_read(one):
                raise OperationFailed(
                    "TicketGet.AccessDenied", "TicketGet: User does not have access to the ticket!"
                )
            found.append(self.shown(one, told))
        return {"Ticket": found}

    def _do_create(self, request: Request) -> dict[str, Any]:
        login = self._login_of(request, "TicketCreate")
        ticket, article = request.told.get("Ticket"), request.told.get("Article")
        if not isinstance(ticket, dict) or not isinstance(article, dict):
            raise OperationFailed(
                "TicketCreate.MissingParameter", "TicketCreate: Article parameter is missing or not valid!"
            )
        ident = max(self.tickets, default=0) + 1
        self.tickets[ident] = self.new_ticket(
            ident, ticket["Title"], ticket["Queue"], ticket.get("State", "new")
        )
        number = self._note(ident, article, login, request.told.get("Attachment"))
        return {
            "TicketID": str(ident),
            "TicketNumber": self.tickets[ident]["TicketNumber"],
            "ArticleID": str(number),
        }

    def _do_update(self, request: Request) -> dict[str, Any]:
        login = self._login_of(request, "TicketUpdate")
        ident = int(request.path.rsplit("/", 1)[1])
        one = self.tickets.get(ident)
        if one is None or not self.may_read(one) or not self.may_update:
            raise OperationFailed(
                "TicketUpdate.AccessDenied", "TicketUpdate: User does not have access to the ticket!"
            )
        ticket, article = request.told.get("Ticket") or {}, request.told.get("Article")
        fields = request.told.get("DynamicField") or []
        fields = fields if isinstance(fields, list) else [fields]
        self.validate(ticket, article, fields)
        found: dict[str, Any] = {"TicketID": str(ident), "TicketNumber": one["TicketNumber"]}
        self.apply(one, ticket)
        for each in fields:
            one["Fields"][each["Name"]] = each["Value"]
        if article is not None:
            found["ArticleID"] = self._note(ident, article, login, request.told.get("Attachment"))
        if ticket or fields or article:
            self.touch(ident, by=2)
        return found

    def _note(self, ticket: int, article: dict[str, Any], login: str, attached: Any) -> int:
        one = self.tickets[ticket]
        visible = int(article.get("IsVisibleForCustomer", 1))
        sender = str(article.get("From", "")) or f"Tri Age <{login}@help.example>"
        customer = next((each["From"] for each in one["Article"] if each["SenderType"] == "customer"), "")
        number = self.add_article(
            ticket,
            subject=str(article["Subject"]),
            body=str(article["Body"]),
            sender=sender,
            sender_type=str(article.get("SenderType", "agent")),
            visible=visible,
            channel=1 if article.get("CommunicationChannel") == "Email" else 3,
            message_id="",
            files=tuple(
                (one["Filename"], one["ContentType"], base64.b64decode(one["Content"]))
                for one in many_of(attached or [])
            ),
        )
        if one["Queue"] in self.auto_follow_up and len(one["Article"]) > 1:
            # The trap: what is visible goes to the customer, what has a From to that address.
            recipient = customer if visible else str(article.get("From", ""))
            if recipient:
                self.sent.append((recipient, f"[Ticket#{one['TicketNumber']}] RE: {article['Subject']}"))
        return number

    def _login_of(self, request: Request, operation: str) -> str:
        told = request.told
        login = told.get("UserLogin")
        if login is not None and self.agents.get(str(login)) == told.get("Password"):
            return str(login)
        session = str(told.get("SessionID"))
        if session not in self._sessions:
            raise OperationFailed(f"{operation}.AuthFail", f"{operation}: Authorization failing!")
        login, used = self._sessions[session]
        if self.session_requests is not None and used >= self.session_requests:
            del self._sessions[session]
            raise OperationFailed(f"{operation}.AuthFail", f"{operation}: Authorization failing!")
        self._sessions[session] = (login, used + 1)
        return login

    def end_sessions(self) -> None:
        self._sessions.clear()

    def _shuffled(self, value: Any) -> bytes:
        """Return JSON with the keys of objects in no order, as Perl writes it."""

        def mixed(one: Any) -> Any:
            if isinstance(one, dict):
                keys = list(one)
                self._random.shuffle(keys)
                return {key: mixed(one[key]) for key in keys}
            return [mixed(each) for each in one] if isinstance(one, list) else one

        return json.dumps(mixed(value), ensure_ascii=False).encode()


@contextmanager
def running_help_desk(certificates: Certificates | None = None) -> Iterator[FakeHelpDesk]:
    """Run a help desk on a free port of this machine; with `certificates` behind TLS, for the name localhost."""
    desk = FakeHelpDesk()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else each answer waits 40 ms for the client's acknowledgement of its header.
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            return

        def date_time_string(self, _: float | None = None) -> str:
            return format_datetime(desk.now, usegmt=True)

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = self.rfile.read(length)
            parts = urlsplit(self.path)
            query = {
                key: values[0] if len(values) == 1 else values
                for key, values in parse_qs(parts.query).items()
            }
            service, _, path = parts.path.removeprefix(_BASE).partition("/")
            try:
                body = json.loads(sent) if sent else {}
            except ValueError:
                self._write(plain(500, "Error while decoding request content"))
                return
            self._write(desk.handle(Request(self.command, "/" + path, query, body), service))

        def _write(self, answer: Answer) -> None:
            if answer.after is not None:
                answer.after()
            if answer.drop:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificates is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.certificate, certificates.key)
        # The handshake belongs to the thread of the connection.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    desk.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield desk
    finally:
        desk.hang.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
