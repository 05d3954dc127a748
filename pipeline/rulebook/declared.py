"""What a rule file and a file of terms may say. The words are those of Sieve (RFC 5228) where it has them."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from pipeline.declarative import Declared
from pipeline.records.inquiries import Automatic, View
from pipeline.rulebook.languages import language_problem


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("empty text; it would match everything")
    return text


# Longer ones are a mistake, or made to slow the program down.
_LONGEST = 2000
_MOST_TESTS = 200

Text = Annotated[str, Field(max_length=_LONGEST), AfterValidator(_not_blank)]
Strings = tuple[Text, ...]
Filled = Annotated[tuple[Text, ...], Field(min_length=1)]


def _field_name(text: str) -> str:
    if not re.fullmatch(r"[!-9;-~]+", text):
        raise ValueError(
            f"{text!r} is no name of a header field; write it without blanks and colon: 'List-Id'"
        )
    return text


def _language(code: str) -> str:
    problem = language_problem(code)
    if problem:
        raise ValueError(problem)
    return code


FieldName = Annotated[str, AfterValidator(_field_name)]
Code = Annotated[str, AfterValidator(_language)]


class TextTest(Declared):
    """How a text is compared; any one entry of any one match type suffices (RFC 5228, section 2.7.1).

    Parameters
    ----------
    is_, contains
        The whole text, or a part of it; case, width and accents of keyboards do not matter.
    matches
        A glob for the whole text: ``*`` any characters, ``?`` one.
    word
        Terms or ``list:NAME``; a term may begin or end with ``*`` for what inflection and composition add.
    regex
        A pattern for google-re2, searched in the folded text (lower case, one blank for white space).
    """

    is_: tuple[Annotated[str, Field(max_length=_LONGEST)], ...] = Field(default=(), alias="is")
    contains: Strings = ()
    matches: Strings = ()
    word: Strings = ()
    regex: Strings = ()

    @model_validator(mode="after")
    def _says_something(self) -> TextTest:
        if not (self.is_ or self.contains or self.matches or self.word or self.regex):
            raise ValueError("empty; give one of is, contains, matches, word, regex")
        return self


class HeaderTest(TextTest):
    """A header field, by name (RFC 5228, section 5.7)."""

    field: FieldName


class AddressTest(TextTest):
    """Part of an address (RFC 5228, section 5.1); `author` is who asks, behind forwards and lists."""

    of: Annotated[
        tuple[Literal["author", "from", "sender", "reply-to", "to", "cc"], ...], Field(min_length=1)
    ] = ("author",)
    part: Literal["domain", "local", "all"] = "all"
    ends: Strings = ()

    @model_validator(mode="after")
    def _says_something(self) -> AddressTest:
        if not (self.is_ or self.contains or self.matches or self.word or self.regex or self.ends):
            raise ValueError("empty; give one of is, contains, matches, word, regex, ends")
        return self


class AttachmentTest(Declared):
    """Name or content type of any attachment."""

    name: TextTest | None = None
    type: TextTest | None = None

    @model_validator(mode="after")
    def _says_something(self) -> AttachmentTest:
        if not (self.name or self.type):
            raise ValueError("empty; give name or type")
        return self


class SizeTest(Declared):
    """Characters of what the author wrote."""

    over: Annotated[int, Field(ge=0)] | None = None
    under: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> SizeTest:
        if self.over is None and self.under is None:
            raise ValueError("empty; give over or under")
        return self


class Test(Declared):
    """One test: exactly one of these."""

    __test__ = False  # not a test case, whatever its name says

    header: HeaderTest | None = None
    address: AddressTest | None = None
    exists: Annotated[tuple[FieldName, ...], Field(min_length=1)] | None = None
    subject: TextTest | None = None
    body: TextTest | None = None
    sender: TextTest | None = None
    signature: TextTest | None = None
    introduction: TextTest | None = None
    quoted: TextTest | None = None
    attachment: AttachmentTest | None = None
    list_id: TextTest | None = None
    language: Annotated[tuple[Code, ...], Field(min_length=1)] | None = None
    automatic: bool | tuple[Automatic, ...] | None = None
    freemail: bool | None = None
    size: SizeTest | None = None
    true: bool | None = None
    allof: Annotated[tuple[Test, ...], Field(min_length=1, max_length=_MOST_TESTS)] | None = None
    anyof: Annotated[tuple[Test, ...], Field(min_length=1, max_length=_MOST_TESTS)] | None = None
    not_: Test | None = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _exactly_one(self) -> Test:
        given = sorted(name.rstrip("_") for name in self.model_fields_set)
        if len(given) != 1:
            said = f"has {', '.join(given)}" if given else "is empty"
            raise ValueError(f"a test {said}; it has to hold exactly one, joined by allof or anyof")
        return self


class InlineMail(Declared):
    """A small mail written into the rule file."""

    from_: str = Field(default="Robin Doe <robin@organisation.example>", alias="from")
    subject: str = ""
    body: str = ""
    signature: str = ""
    header: dict[str, str] = Field(default_factory=dict)
    attachments: Strings = ()


Example = str | InlineMail


class RuleDeclaration(Declared):
    """One rule.

    Parameters
    ----------
    id
        Its name, unique in the folder.
    description
        What it knows, in a sentence.
    tags
        What it says, ``field=value``.
    route
        Who is to get the message: the id of a liaison, or ``fallback``, ``triage``, ``low_priority``,
        ``endorsement``, ``misdirected`` as the liaisons' file fills them.
    priority
        Points that it adds to the priority.
    must
        True if it decides; else it is a hint.
    weight
        Log-odds that a hint adds where there is no model.
    weights
        The same by view, instead of `views` and `weight`.
    terms, views
        The short form: any of these terms in any of these views; one hit for each view.
    unless
        Terms within which a term does not count: "university library" for a rule on universities.
    least
        How many different words have to match in one view.
    test
        The long form, or a condition on the short one.
    hits, misses
        Its own examples: ids of labelled mail of the train part, inline texts, or small mails.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$")]
    description: Annotated[str, Field(min_length=8)]
    tags: Strings = ()
    route: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")] | None = None
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    must: bool = False
    weight: Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)] = 1.0
    weights: dict[View, Annotated[float, Field(ge=-10, le=10, allow_inf_nan=False)]] = Field(
        default_factory=dict
    )
    terms: Strings = ()
    views: tuple[View, ...] = ()
    unless: Strings = ()
    least: Annotated[int, Field(ge=1, le=8)] = 1
    test: Test | None = None
    hits: Annotated[tuple[Example, ...], Field(min_length=1)]
    misses: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _has_an_effect(self) -> RuleDeclaration:
        if not (self.tags or self.route or self.priority):
            raise ValueError("no effect; give tags, a route or a priority")
        if not self.misses and not self.is_always:
            raise ValueError("misses is missing; give at least one example that the rule must not hit")
        return self

    @property
    def is_always(self) -> bool:
        """Whether it hits every message, so that no example can miss."""
        return self.test is not None and self.test.true is True and not self.terms

    @model_validator(mode="after")
    def _has_a_condition(self) -> RuleDeclaration:
        if not (self.terms or self.test):
            raise ValueError("neither terms nor test; a rule needs one of them")
        if self.terms and not (self.views or self.weights):
            raise ValueError("terms without views; say where they are looked for: views or weights")
        if self.views and self.weights:
            raise ValueError("views and weights are both given; keep one of them")
        if not self.terms and (self.views or self.weights or self.unless):
            raise ValueError("views, weights and unless belong to terms; this rule has none")
        return self


class TermFile(Declared):
    """A list of terms, ``rules/terms/NAME.toml``.

    Parameters
    ----------
    description
        What the words have in common.
    include
        Other lists that belong to it.
    exact
        Languages whose accents tell words apart (as in Vietnamese): no spelling without them is added.
    terms
        ISO 639 code, or ``und`` for what belongs to no language, to terms.
    """

    description: Annotated[str, Field(min_length=8)]
    include: Strings = ()
    exact: Strings = ("vi",)
    terms: dict[Code, Filled] = Field(default_factory=dict)
