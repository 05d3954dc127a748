"""A help desk of the OTRS family for tests: answers in the recorded shapes, and has the traps of the real one.

What it reproduces, as it was seen on a real server (OTOBO 11, web service GenericTicketConnectorREST): operation errors
as HTTP 200, transport errors as HTTP 500 in plain text, ``{}`` for nothing found, one AccessDenied for missing and
forbidden, GET bodies ignored, unknown search parameters ignored (and then every ticket found), a queue move that
resets owner and lock, notes that send mail, PATCH only, nothing written where one part of an update is bad, sessions
that end. Times are the desk's own clock, which tests move.
"""

from __future__ import annotations

import base64
import copy
import fnmatch
import json
import random
import ssl
import string
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pipeline.settings.otrs import OtrsServer
from tests.support.certificates import Certificates

LOGIN, PASSWORD = "triage", "only-for-tests"
PASSWORD_ENV = "TRIAGE_OTRS_PASSWORD"
ROOT = "root@localhost"
SERVICE = "GenericTicketConnectorREST"
_BASE = "/otrs/nph-genericinterface.pl/Webservice/"
_TIME = "%Y-%m-%d %H:%M:%S"
# Parameters of TicketSearch that do something; all others are ignored.
_KNOWN = {
    "Queues", "QueueIDs", "States", "StateIDs", "StateType", "TicketNumber", "Title", "Limit", "SortBy", "OrderBy",
    "TicketCreateTimeNewerDate", "TicketChangeTimeNewerDate", "TicketChangeTimeNewerMinutes", "TicketChangeTimeOlderDate", "MIMEBase_From",
    "MIMEBase_Subject", "UseSubQueues",
}  # fmt: skip
_STATES = ("new", "open", "pending reminder", "closed successful", "merged")
_PRIORITIES = {1: "1 very low", 2: "2 low", 3: "3 normal", 4: "4 high", 5: "5 very high"}


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


class OperationFailed(Exception):
    """An error of an operation."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class FakeHelpDesk:
    """A help desk in this process; start it with `running_help_desk`."""

    def __init__(self) -> None:
        self.port = 0
        self.now = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
        self.agents = {LOGIN: PASSWORD, "alice": "pw-of-alice", ROOT: "pw-of-root"}
        self.queues = {"Raw": 2, "Partnerships": 5, "Partnerships::Spam": 6, "Grants": 7, "Junk": 3}
        self.dynamic_fields: dict[str, tuple[str, ...] | None] = {
            "TriageState": None,
            "PartnerCategory": ("glam", "edu"),
        }
        self.web_services = {SERVICE}
        # With the routes that an administrator adds.
        self.post_routes = True
        # Queues that the agent may read; None for all.
        self.readable: set[str] | None = None
        self.may_update = True
        # Queues whose follow-ups are answered automatically.
        self.auto_follow_up: set[str] = {"Partnerships"}
        self.ignored: set[str] = set()
        # Whether "newer than" a moment includes that moment.
        self.newer_includes = True
        self.session_requests: int | None = None
        self.get_seconds = 0.0
        self.zone_offset = timedelta()
        self.tickets: dict[int, dict[str, Any]] = {}
        self.forbidden: set[int] = set()
        self.requests: list[Request] = []
        self.sent: list[tuple[str, str]] = []
        self.answers: list[Answer | None] = []
        # Called with each request; what one returns is the answer.
        self.hooks: list[Callable[[Request], Answer | None]] = []
        self.hang = threading.Event()
        self._sessions: dict[str, tuple[str, int]] = {}
        self._article = 0
        self._file = 0
        self._seconds = 0.0
        self._lock = threading.RLock()
        self._random = random.Random(7)

    # ---- what tests do --------------------------------------------------------------------------------------

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

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def add_mail(
        self,
        subject: str = "Partnership proposal",
        body: str = "We would like to work with you.\n",
        *,
        queue: str = "Partnerships",
        state: str = "new",
        **article: Any,
    ) -> int:
        """Return the id of a new ticket with one mail of a customer."""
        with self._lock:
            ident = max(self.tickets, default=0) + 1
            self.tickets[ident] = self._ticket(ident, subject, queue, state)
            self.add_article(ident, subject=subject, body=body, **article)
            return ident

    def add_article(
        self,
        ticket: int,
        *,
        subject: str = "Re: Partnership proposal",
        body: str = "One more thing.\n",
        sender: str = "Pat Partner <pat@acme.example>",
        sender_type: str = "customer",
        visible: int = 1,
        channel: int = 1,
        message_id: str | None = None,
        files: tuple[tuple[str, str, bytes], ...] = (),
        html: str = "",
        **more: Any,
    ) -> int:
        """Return the id of a new article; the ticket counts as changed."""
        with self._lock:
            self._article += 1
            number = self._article
            one: dict[str, Any] = {
                "ArticleID": number, "ArticleNumber": len(self.tickets[ticket]["Article"]) + 1, "TicketID": ticket,
                "From": sender, "To": "Partnerships <partnerships@help.example>", "Cc": "", "Bcc": "", "ReplyTo": "",
                "Subject": subject, "Body": body, "MimeType": "text/plain", "Charset": "utf-8", "ContentCharset": "utf-8",
                "ContentType": "text/plain; charset=utf-8", "SenderType": sender_type,
                "SenderTypeID": {"agent": "1", "system": "2"}.get(sender_type, "3"), "IsVisibleForCustomer": visible,
                "CommunicationChannelID": channel, "IsDeleted": 0, "IsEdited": 0, "TimeUnit": 0, "CreateBy": 1,
                "ChangeBy": 1, "InReplyTo": "", "References": "",
                "MessageID": f"<a{number}@acme.example>" if message_id is None else message_id,
                "IncomingTime": int(self.now.timestamp()), "CreateTime": self._local(), "ChangeTime": self._local(),
                "Attachment": [],
            }  # fmt: skip
            one.update(more)
            for name, kind, content in files:
                one["Attachment"].append(self._attachment(name, kind, content, "attachment", ""))
            if html:
                content = html.encode()
                one["Attachment"].append(
                    self._attachment("file-2", "text/html; charset=utf-8", content, "inline", "1")
                )
            self.tickets[ticket]["Article"].append(one)
            self.touch(ticket)
            return number

    def touch(self, ticket: int, by: int = 1) -> None:
        self.tickets[ticket]["Changed"] = self._local()
        self.tickets[ticket]["ChangeBy"] = by

    def change(self, ticket: int, **values: Any) -> None:
        """Change fields of a ticket as an agent in the web interface does; dynamic fields as DynamicField_NAME."""
        for name, value in values.items():
            if name.startswith("DynamicField_"):
                self.tickets[ticket]["Fields"][name.removeprefix("DynamicField_")] = value
            else:
                self.tickets[ticket][name] = value
        self.touch(ticket)

    def field_of(self, ticket: int, name: str) -> Any:
        return self.tickets[ticket]["Fields"].get(name)

    def operations(self) -> list[str]:
        """Return method and route of each request, ids left out."""
        return [f"{one.method} {one.path.rstrip('0123456789,')}" for one in self.requests]

    # ---- what clients get -----------------------------------------------------------------------------------

    def handle(self, request: Request, service: str) -> Answer:
        with self._lock:
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
        found = [one for one in self.tickets.values() if self._may_read(one) and self._fits(one, told)]
        found.sort(key=lambda one: (one["Created"], one["TicketID"]), reverse=True)
        if _one(told.get("SortBy")) in {"Changed", "Created"}:
            key = _one(told["SortBy"])
            found.sort(key=lambda one: (one[key], one["TicketID"]), reverse=_one(told.get("OrderBy")) != "Up")
        ids = [str(one["TicketID"]) for one in found[: int(told.get("Limit") or 500)]]
        return {"TicketID": ids} if ids else {}

    def _do_get(self, request: Request) -> dict[str, Any]:
        self._login_of(request, "TicketGet")
        self._seconds += self.get_seconds
        told = request.told
        found = []
        for ident in request.path.rsplit("/", 1)[1].split(","):
            one = self.tickets.get(int(ident))
            if one is None or not self._may_read(one):
                raise OperationFailed(
                    "TicketGet.AccessDenied", "TicketGet: User does not have access to the ticket!"
                )
            found.append(self._shown(one, told))
        return {"Ticket": found}

    def _do_create(self, request: Request) -> dict[str, Any]:
        login = self._login_of(request, "TicketCreate")
        ticket, article = request.told.get("Ticket"), request.told.get("Article")
        if not isinstance(ticket, dict) or not isinstance(article, dict):
            raise OperationFailed(
                "TicketCreate.MissingParameter", "TicketCreate: Article parameter is missing or not valid!"
            )
        ident = max(self.tickets, default=0) + 1
        self.tickets[ident] = self._ticket(
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
        if one is None or not self._may_read(one) or not self.may_update:
            raise OperationFailed(
                "TicketUpdate.AccessDenied", "TicketUpdate: User does not have access to the ticket!"
            )
        ticket, article = request.told.get("Ticket") or {}, request.told.get("Article")
        fields = request.told.get("DynamicField") or []
        fields = fields if isinstance(fields, list) else [fields]
        self._validate(ticket, article, fields)
        found: dict[str, Any] = {"TicketID": str(ident), "TicketNumber": one["TicketNumber"]}
        self._apply(one, ticket)
        for each in fields:
            one["Fields"][each["Name"]] = each["Value"]
        if article is not None:
            found["ArticleID"] = self._note(ident, article, login, request.told.get("Attachment"))
        if ticket or fields or article:
            self.touch(ident, by=2)
        return found

    def _validate(self, ticket: dict[str, Any], article: Any, fields: list[Any]) -> None:
        def invalid(what: str) -> OperationFailed:
            return OperationFailed(
                "TicketUpdate.InvalidParameter", f"TicketUpdate: {what} parameter is invalid!"
            )

        if "Queue" in ticket and ticket["Queue"] not in self.queues:
            raise invalid("Ticket->QueueID or Ticket->Queue")
        if "Owner" in ticket and ticket["Owner"] not in self.agents:
            raise invalid("Ticket->OwnerID or Ticket->Owner")
        if "State" in ticket and ticket["State"] not in _STATES:
            raise invalid("Ticket->StateID or Ticket->State")
        if "PriorityID" in ticket and int(ticket["PriorityID"]) not in _PRIORITIES:
            raise invalid("Ticket->PriorityID or Ticket->Priority")
        if "Priority" in ticket and ticket["Priority"] not in _PRIORITIES.values():
            raise invalid("Ticket->PriorityID or Ticket->Priority")
        if article is not None and not all(article.get(key) for key in ("Subject", "Body", "ContentType")):
            raise OperationFailed(
                "TicketUpdate.MissingParameter", "TicketUpdate: Article->Subject parameter is missing!"
            )
        for one in fields:
            if one.get("Name") not in self.dynamic_fields:
                raise invalid("DynamicField->Name")
            allowed = self.dynamic_fields[one["Name"]]
            if allowed is not None and one["Value"] not in ("", *allowed):
                raise invalid("DynamicField->Value")

    def _apply(self, one: dict[str, Any], ticket: dict[str, Any]) -> None:
        if "Queue" in ticket and ticket["Queue"] != one["Queue"]:
            # The trap: a move takes owner and lock away.
            one.update(
                Queue=ticket["Queue"],
                QueueID=self.queues[ticket["Queue"]],
                Owner=ROOT,
                OwnerID=1,
                Lock="unlock",
            )
        if "Owner" in ticket:
            one.update(Owner=ticket["Owner"], OwnerID=3, Lock="lock")
        if "Lock" in ticket:
            one["Lock"] = ticket["Lock"]
        if "PriorityID" in ticket or "Priority" in ticket:
            names = {name: number for number, name in _PRIORITIES.items()}
            number = int(ticket.get("PriorityID") or names[ticket["Priority"]])
            one.update(PriorityID=number, Priority=_PRIORITIES[number])
        for name in ("State", "Title"):
            one[name] = ticket.get(name, one[name])

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
                for one in _many(attached or [])
            ),
        )
        if one["Queue"] in self.auto_follow_up and len(one["Article"]) > 1:
            # The trap: what is visible goes to the customer, what has a From to that address.
            recipient = customer if visible else str(article.get("From", ""))
            if recipient:
                self.sent.append((recipient, f"[Ticket#{one['TicketNumber']}] RE: {article['Subject']}"))
        return number

    # ---- the inside -----------------------------------------------------------------------------------------

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

    def _may_read(self, one: dict[str, Any]) -> bool:
        return one["TicketID"] not in self.forbidden and (
            self.readable is None or one["Queue"] in self.readable
        )

    def _fits(self, one: dict[str, Any], told: dict[str, Any]) -> bool:
        for name, value in told.items():
            if name.startswith("DynamicField_") and not self._field_fits(one, name, value):
                return False
        listed = {"Queues": one["Queue"], "States": one["State"], "TicketNumber": one["TicketNumber"]}
        for name, actual in listed.items():
            if name in told and actual not in _many(told[name]):
                return False
        newer = {"TicketChangeTimeNewerDate": "Changed", "TicketCreateTimeNewerDate": "Created"}
        for name, key in newer.items():
            moment = str(_one(told.get(name)) or "")
            if one[key] < moment or (one[key] == moment and not self.newer_includes):
                return False
        if minutes := int(_one(told.get("TicketChangeTimeNewerMinutes")) or 0):
            since = self.now + self.zone_offset - timedelta(minutes=minutes)
            if one["Changed"] < since.strftime(_TIME):
                return False
        title = str(_one(told.get("Title")) or "*")
        return fnmatch.fnmatch(one["Title"].lower(), title.lower())

    def _field_fits(self, one: dict[str, Any], name: str, value: Any) -> bool:
        """Search by a dynamic field; one that is unknown, or given as plain text, is ignored."""
        known = name.removeprefix("DynamicField_")
        if known not in self.dynamic_fields or not isinstance(value, dict):
            return True
        actual = str(one["Fields"].get(known) or "")
        if "Empty" in value:
            return (actual == "") == bool(int(value["Empty"]))
        if "Equals" in value:
            return actual == str(value["Equals"])
        return fnmatch.fnmatch(actual, str(value.get("Like", "*")))

    def _ticket(self, ident: int, title: str, queue: str, state: str) -> dict[str, Any]:
        number = f"{self.now:%Y%m%d}1{ident:06d}{ident % 10}"
        return {
            "TicketID": ident, "TicketNumber": number, "Title": title, "Queue": queue, "QueueID": self.queues[queue],
            "State": state, "StateType": state, "StateID": 1, "Priority": "3 normal", "PriorityID": 3, "Owner": ROOT,
            "OwnerID": 1, "Lock": "unlock", "LockID": 1, "Responsible": ROOT, "ResponsibleID": 1, "CustomerID": "acme",
            "CustomerUserID": "pat", "Created": self._local(), "Changed": self._local(), "CreateBy": 1, "ChangeBy": 1,
            "GroupID": 1, "TypeID": 1, "Type": "Unclassified", "SLAID": "", "ServiceID": "", "ArchiveFlag": "n",
            "Age": 1, "UntilTime": 0, "UnlockTimeout": 0, "TimeUnit": 0, "RealTillTimeNotUsed": 0, "EscalationTime": 0,
            "EscalationUpdateTime": 0, "EscalationResponseTime": 0, "EscalationSolutionTime": 0,
            "Fields": {}, "Article": [],
        }  # fmt: skip

    def _attachment(
        self, name: str, kind: str, content: bytes, disposition: str, alternative: str
    ) -> dict[str, Any]:
        self._file += 1
        return {
            "Filename": name.replace(" ", "_"), "ContentType": kind, "Content": base64.b64encode(content).decode(),
            "ContentAlternative": alternative, "ContentID": "", "Disposition": disposition,
            "FileID": str(self._file), "FilesizeRaw": str(len(content)),
        }  # fmt: skip

    def _shown(self, one: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
        shown = copy.deepcopy(
            {name: value for name, value in one.items() if name not in {"Fields", "Article"}}
        )
        if _flag(told, "DynamicFields"):
            shown["DynamicField"] = [
                {"Name": name, "Value": one["Fields"].get(name)} for name in sorted(self.dynamic_fields)
            ]
        if _flag(told, "AllArticles") and one["Article"]:
            shown["Article"] = [self._shown_article(each, told) for each in one["Article"]]
        return shown

    def _shown_article(self, one: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
        shown = copy.deepcopy(one)
        files = shown.pop("Attachment")
        if not _flag(told, "HTMLBodyAsAttachment"):
            files = [each for each in files if not each["ContentAlternative"]]
        if "GetAttachmentContents" in told and not _flag(told, "GetAttachmentContents"):
            for each in files:
                each["Content"] = ""
        if _flag(told, "Attachments") and files:
            shown["Attachment"] = files
        return shown

    def _local(self) -> str:
        return (self.now + self.zone_offset).strftime(_TIME)

    def _shuffled(self, value: Any) -> bytes:
        """Return JSON with the keys of objects in no order, as Perl writes it."""

        def mixed(one: Any) -> Any:
            if isinstance(one, dict):
                keys = list(one)
                self._random.shuffle(keys)
                return {key: mixed(one[key]) for key in keys}
            return [mixed(each) for each in one] if isinstance(one, list) else one

        return json.dumps(mixed(value), ensure_ascii=False).encode()


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _flag(told: dict[str, Any], name: str) -> bool:
    return str(_one(told.get(name)) or "0") not in {"", "0"}


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
