"""What an administrator imports into a help desk of the OTRS family: a web service and dynamic fields, as YAML."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.settings.otrs import OtrsFields, OtrsServer

# Operation, its type, methods and route: no more than the program uses.
_OPERATIONS = (
    ("SessionCreate", "Session::SessionCreate", "Begin a session", ("POST",), "/Session"),
    ("TicketGet", "Ticket::TicketGet", "Read tickets", ("GET", "POST"), "/Ticket/:TicketID"),
    ("TicketSearch", "Ticket::TicketSearch", "Search tickets", ("GET",), "/Ticket"),
    ("TicketSearchPost", "Ticket::TicketSearch", "Search tickets, also by dynamic fields", ("POST",), "/TicketSearch"),
    ("TicketUpdate", "Ticket::TicketUpdate", "Write findings to a ticket", ("PATCH",), "/Ticket/:TicketID"),
)  # fmt: skip


def web_service() -> str:
    """Return the web service that the program uses, to be imported as ``Triage.yml``."""
    operations = "".join(
        f"    {name}:\n      Description: {words}\n      MappingInbound: {{}}\n      MappingOutbound: {{}}\n      Type: {kind}\n"
        for name, kind, words, _, _ in _OPERATIONS
    )
    routes = "".join(
        f"        {name}:\n          RequestMethod:\n"
        + "".join(f"          - {method}\n" for method in methods)
        + f"          Route: {route}\n"
        for name, _, _, methods, route in _OPERATIONS
    )
    return (
        "---\nDebugger:\n  DebugThreshold: error\n  TestMode: '0'\n"
        "Description: Partnership triage reads tickets and writes its findings\nFrameworkVersion: 6.0.0\n"
        f"Provider:\n  Operation:\n{operations}"
        "  Transport:\n    Config:\n      KeepAlive: ''\n      MaxLength: '100000000'\n"
        f"      RouteOperationMapping:\n{routes}    Type: HTTP::REST\n"
        "RemoteSystem: ''\nRequester:\n  Transport:\n    Type: ''\n"
    )


def dynamic_fields(server: OtrsServer | None) -> str:
    """Return the fields that the settings name, or without settings all that there may be, for the YAML import.

    All are of type Text: the program's values are few, but they follow its rules, which change.
    """
    fields = fields_of(server) if server else default_fields()
    told = "".join(
        f"  {name}:\n    Config:\n      DefaultValue: ''\n    FieldOrder: {9000 + order}\n    FieldType: Text\n"
        f"    InternalField: 0\n    Label: '{label}'\n    Name: {name}\n    ObjectType: Ticket\n    ValidID: 1\n"
        for order, (name, label) in enumerate(fields, 1)
    )
    return f"---\nDynamicFields:\n{told}" if fields else "---\nDynamicFields: {}\n"


def fields_of(server: OtrsServer) -> tuple[tuple[str, str], ...]:
    """Return name and label of each dynamic field that the settings of a server name."""
    own = [(server.triaged_field, "Triage: state")] if server.triaged_field else []
    named = [(name, f"Triage: {_words(what)}") for what, name in server.write.fields if name]
    return tuple({name: (name, label) for name, label in (*named, *own)}.values())


def default_fields() -> tuple[tuple[str, str], ...]:
    """Return name and label of all fields that may be written, called as the documents call them."""
    every: Iterable[str] = OtrsFields.model_fields
    written = [
        (f"Triage{_words(what).title().replace(' ', '')}", f"Triage: {_words(what)}") for what in every
    ]
    return (("TriageState", "Triage: state"), *written)


def _words(what: str) -> str:
    return what.replace("_", " ")
