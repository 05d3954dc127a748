"""A wiki for the torture: pages with their revisions, by MediaWiki's action API as far as the program uses it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from tests.delivery.test_wiki_http import USER, Answer, Api, error, say, serving


class Pages(Api):
    """Keeps what is saved."""

    def __init__(self) -> None:
        super().__init__()
        self.revisions: dict[str, list[str]] = {}

    def answer(self, query: dict[str, str], headers: dict[str, str]) -> Answer:
        """Answer one request."""
        match query.get("action", ""), query.get("prop", ""):
            case "query", "revisions":
                return self._page(query["titles"])
            case "edit", _:
                return self._edit(query)
        return super().answer(query, headers)

    def _page(self, title: str) -> Answer:
        held = self.revisions.get(title)
        page: dict[str, Any] = {"title": title, "missing": True}
        if held:
            page = {
                "title": title,
                "revisions": [{"revid": self._number(title), "slots": {"main": {"content": held[-1]}}}],
            }
        return say({"query": {"pages": [page], "userinfo": USER}})

    def _edit(self, query: dict[str, str]) -> Answer:
        title = query["title"]
        held = self.revisions.setdefault(title, [])
        if held and "createonly" in query:
            return error("articleexists")
        if "baserevid" in query and int(query["baserevid"]) != self._number(title):
            return error("editconflict")
        if not held or held[-1] != query["text"].rstrip():
            held.append(query["text"].rstrip())
        return say({"edit": {"result": "Success", "newrevid": self._number(title)}})

    def _number(self, title: str) -> int:
        return 100 + len(self.revisions[title])


@contextlib.contextmanager
def running_wiki() -> Iterator[Pages]:
    """Run such a wiki."""
    pages = Pages()
    with serving(pages.answer) as port:
        pages.port = port
        yield pages
