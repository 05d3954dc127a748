"""The tickets of the tests' help desk: what tests and agents do to them, and how the server searches and shows them."""

from __future__ import annotations

import base64
import copy
import fnmatch
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

# Who owns what nobody took.
ROOT = "root@localhost"
_TIME = "%Y-%m-%d %H:%M:%S"
_STATES = ("new", "open", "pending reminder", "closed successful", "merged")
_PRIORITIES = {1: "1 very low", 2: "2 low", 3: "3 normal", 4: "4 high", 5: "5 very high"}


class OperationFailed(Exception):
    """An error of an operation."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Tickets:
    """Tickets in their queues, with their articles and fields, by the clock of the desk."""

    def __init__(self, agents: dict[str, str]) -> None:
        self.now = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
        # Login to password.
        self.agents = agents
        self.queues = {"Raw": 2, "Partnerships": 5, "Partnerships::Spam": 6, "Grants": 7, "Junk": 3}
        self.dynamic_fields: dict[str, tuple[str, ...] | None] = {
            "TriageState": None,
            "PartnerCategory": ("glam", "edu"),
        }
        # Queues that the agent may read; None for all.
        self.readable: set[str] | None = None
        # Whether "newer than" a moment includes that moment.
        self.newer_includes = True
        self.zone_offset = timedelta()
        self.tickets: dict[int, dict[str, Any]] = {}
        self.forbidden: set[int] = set()
        self.lock = threading.RLock()
        self._article = 0
        self._file = 0

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
        with self.lock:
            ident = max(self.tickets, default=0) + 1
            self.tickets[ident] = self.new_ticket(ident, subject, queue, state)
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
        with self.lock:
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

    def validate(self, ticket: dict[str, Any], article: Any, fields: list[Any]) -> None:
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

    def apply(self, one: dict[str, Any], ticket: dict[str, Any]) -> None:
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

    def may_read(self, one: dict[str, Any]) -> bool:
        return one["TicketID"] not in self.forbidden and (
            self.readable is None or one["Queue"] in self.readable
        )

    def fits(self, one: dict[str, Any], told: dict[str, Any]) -> bool:
        for name, value in told.items():
            if name.startswith("DynamicField_") and not self._field_fits(one, name, value):
                return False
        listed = {"Queues": one["Queue"], "States": one["State"], "TicketNumber": one["TicketNumber"]}
        for name, actual in listed.items():
            if name in told and actual not in many_of(told[name]):
                return False
        newer = {"TicketChangeTimeNewerDate": "Changed", "TicketCreateTimeNewerDate": "Created"}
        for name, key in newer.items():
            moment = str(one_of(told.get(name)) or "")
            if one[key] < moment or (one[key] == moment and not self.newer_includes):
                return False
        if minutes := int(one_of(told.get("TicketChangeTimeNewerMinutes")) or 0):
            since = self.now + self.zone_offset - timedelta(minutes=minutes)
            if one["Changed"] < since.strftime(_TIME):
                return False
        title = str(one_of(told.get("Title")) or "*")
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

    def new_ticket(self, ident: int, title: str, queue: str, state: str) -> dict[str, Any]:
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

    def shown(self, one: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
        shown = copy.deepcopy(
            {name: value for name, value in one.items() if name not in {"Fields", "Article"}}
        )
        if flag_of(told, "DynamicFields"):
            shown["DynamicField"] = [
                {"Name": name, "Value": one["Fields"].get(name)} for name in sorted(self.dynamic_fields)
            ]
        if flag_of(told, "AllArticles") and one["Article"]:
            shown["Article"] = [self._shown_article(each, told) for each in one["Article"]]
        return shown

    def _shown_article(self, one: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
        shown = copy.deepcopy(one)
        files = shown.pop("Attachment")
        if not flag_of(told, "HTMLBodyAsAttachment"):
            files = [each for each in files if not each["ContentAlternative"]]
        if "GetAttachmentContents" in told and not flag_of(told, "GetAttachmentContents"):
            for each in files:
                each["Content"] = ""
        if flag_of(told, "Attachments") and files:
            shown["Attachment"] = files
        return shown

    def _local(self) -> str:
        return (self.now + self.zone_offset).strftime(_TIME)


def one_of(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def many_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def flag_of(told: dict[str, Any], name: str) -> bool:
    return str(one_of(told.get(name)) or "0") not in {"", "0"}
