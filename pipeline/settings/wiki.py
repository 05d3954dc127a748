"""Settings of the wiki that the weekly summary is published on."""

from __future__ import annotations

import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, model_validator

from pipeline.logins import Login
from pipeline.settings.fields import is_this_machine
from pipeline.tongue import is_locale


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
    def _safe(self) -> Self:
        address = urlsplit(self.url)
        if "@" in address.netloc:
            raise ValueError("url: names a user; give username and password_env or password_file instead")
        if address.scheme == "http" and not is_this_machine(address.hostname or ""):
            raise ValueError("url: without TLS only on this very machine; write https")
        if not (self.oauth2 or self.username):
            raise ValueError("username is missing: that of a bot password, or set oauth2 for an access token")
        if not self._has_secret():
            raise ValueError("password_env or password_file is missing; name one of them")
        if not is_locale(self.locale):
            raise ValueError(f"locale {self.locale!r}: no such language; write one such as 'en' or 'pt_BR'")
        return self
