"""Publish on a MediaWiki, through mwclient: read a page, save it if nobody else has, log in once more when told to."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from pipeline.adapters.network.failures import blotted, printable
from pipeline.adapters.network.line import Line
from pipeline.adapters.network.tls import context
from pipeline.errors import Deferred, EditConflict, Refused, ServerError, Undeliverable, UsageError
from pipeline.records.publications import WikiPage
from pipeline.settings import Wiki

if TYPE_CHECKING:
    import mwclient

    from pipeline.adapters.wiki.http import WikiSession

T = TypeVar("T")

# Error codes of the action API (https://www.mediawiki.org/wiki/API:Errors_and_warnings), by what is to be done.
_LOGGED_OUT = frozenset(
    {"badtoken", "notoken", "assertuserfailed", "assertbotfailed", "assertnameduserfailed"}
)
_LATER = frozenset(
    {"maxlag", "ratelimited", "readonly", "dberror", "cirrussearch-too-busy-error", "login-throttled"}
)
_CONFLICT = frozenset({"editconflict", "articleexists", "missingtitle", "pagedeleted", "nosuchrevid"})
# These concern the account, not the page.
_ACCOUNT = frozenset(
    {"blocked", "autoblocked", "globalblocking-ipblocked", "permissiondenied", "writeapidenied", "readapidenied",
     "noapiwrite", "mwoauth-invalid-authorization", "mwoauth-invalid-authorization-invalid-user", "cantcreate",
     "noedit", "noedit-anon"}
)  # fmt: skip
_MAX_LAG = 5
_PROTECTED = "protected"


class MediaWiki:
    """A wiki; logs in at the first use, and again after the session was lost.

    Parameters
    ----------
    settings
        Settings; the password or token is read when a session begins.
    """

    def __init__(self, settings: Wiki) -> None:
        self._settings = settings
        self._site: mwclient.Site | None = None
        self._http: WikiSession | None = None
        self._line = Line()
        self._secret = ""  # nosec B105 # no password yet

    def read(self, page: str) -> WikiPage | None:
        """Return a page as it is now, or None if there is none.

        Raises
        ------
        Deferred, Unreachable
            If another try may help.
        Refused
            If the wiki does not let us in; an `Undeliverable` if it cannot have such a page.
        """
        return self._tried(f"page {page}", lambda site: self._read(site, page))

    def write(self, page: str, text: str, summary: str, base: WikiPage | None) -> int:
        """Save a page, and return its newest revision; a text that is there already makes no new one.

        Parameters
        ----------
        base
            The page as it was read; None if there was none.

        Raises
        ------
        EditConflict
            If somebody has changed, created or deleted it since.
        Undeliverable
            If this page may not be saved: it is protected, or a filter of the wiki is against it.
        Deferred, Refused, Unreachable
            As with `read`.
        """
        return self._tried(f"page {page}", lambda site: self._write(site, page, text, summary, base))

    def check(self) -> tuple[str, ...]:
        """Log in; return what is wrong, a line for each problem."""
        try:
            self._tried("login", lambda site: site.site_init())
        except ServerError as error:
            return (str(error),)
        finally:
            self.close()
        return ()

    def interrupt(self) -> None:
        """End whatever another thread is waiting for here, and connect no more; for the end of the program."""
        self._line.cut()

    def close(self) -> None:
        """End the session here; the wiki forgets it by itself."""
        if self._http is not None:
            self._http.close()
        self._site = self._http = None

    @property
    def _place(self) -> str:
        return f"wiki: {self._settings.url}"

    def _tried(self, what: str, call: Callable[[mwclient.Site], T]) -> T:
        """Do something on the wiki; once more with a new login if the session was lost."""
        import mwclient

        for is_last in (False, True):
            try:
                return call(self._connected())
            except mwclient.errors.APIError as error:
                if error.code in _LOGGED_OUT and not is_last:
                    self.close()
                    continue
                raise self._told(str(error.code), error.info, what) from None
            except UsageError as error:  # mails and other pages do not wait for a password
                raise Refused(f"{self._place}: {error}") from None
            except mwclient.errors.MaximumRetriesExceeded:
                raise Deferred(
                    f"{self._place}: {what}: fails for now; it is tried again", self._wait()
                ) from None
            except (mwclient.errors.InvalidResponse, LookupError, TypeError, ValueError, AttributeError):
                raise Refused(
                    f"{self._place}: answers with something else than a MediaWiki; check url"
                ) from None
            except mwclient.errors.MwClientError as error:
                raise Refused(
                    f"{self._place}: {what}: {self._quoted(type(error).__name__)}; ask the wiki's administrators"
                ) from None
        raise AssertionError  # the last try returns or raises

    def _connected(self) -> mwclient.Site:
        if self._site is None:
            self._site = self._logged_in()
        return self._site

    def _logged_in(self) -> mwclient.Site:
        import mwclient

        from pipeline.adapters.wiki.http import WikiSession

        settings = self._settings
        self._secret = settings.password()
        if settings.ca_file:
            context(settings.ca_file)  # tells what is wrong with it
        # It would log what servers say.
        logging.getLogger("mwclient").setLevel(logging.CRITICAL)
        if self._http is not None:
            self._http.close()
        self._http = WikiSession(settings, self._secret if settings.oauth2 else "", self._line)
        address = urlsplit(settings.url)
        site = mwclient.Site(
            address.netloc,
            path=address.path.removesuffix("api.php"),
            scheme=address.scheme,
            pool=self._http,
            max_retries=0,
            do_init=False,
        )
        try:
            site.site_init() if settings.oauth2 else site.login(settings.username, self._secret)
        except mwclient.errors.LoginError as error:
            raise self._no_login(self._quoted(error.info)) from None
        except mwclient.errors.MaximumRetriesExceeded:
            raise Deferred(
                f"{self._place}: too many logins for now; it is tried again", self._wait()
            ) from None
        if not site.logged_in:
            raise self._no_login("it takes us for somebody who is not logged in")
        return site

    def _no_login(self, said: str) -> Refused:
        how = "the OAuth 2.0 access token" if self._settings.oauth2 else "username and bot password"
        return Refused(f"{self._place}: no login ({said}); check {how} (Special:BotPasswords, docs/wiki.md)")

    def _read(self, site: mwclient.Site, page: str) -> WikiPage | None:
        told = site.get(
            "query", prop="revisions", titles=page, rvprop="ids|content", rvslots="main", formatversion=2,
            **self._as_us(site),
        )  # fmt: skip
        found: dict[str, Any] = next(iter(told["query"].get("pages", ())), {"invalid": True})
        if found.get("invalid") or "special" in found:
            raise Undeliverable(f"{self._place}: {page}: no title for a page of this wiki; change prefix")
        if found.get("missing"):
            return None
        newest = found["revisions"][0]
        return WikiPage(
            title=found["title"],
            text=newest["slots"]["main"]["content"],
            revision=int(newest["revid"]),
        )

    def _write(self, site: mwclient.Site, page: str, text: str, summary: str, base: WikiPage | None) -> int:
        # Corrections are minor, new pages are not. Only accounts with the right `bot` are hidden from recent changes.
        since = (
            {"baserevid": base.revision, "nocreate": True, "minor": True} if base else {"createonly": True}
        )
        told = site.post(
            "edit", title=page, text=text, summary=summary, bot=True, contentmodel="wikitext", maxlag=_MAX_LAG,
            formatversion=2, token=site.get_token("csrf"), **since, **self._as_us(site),
        )["edit"]  # fmt: skip
        if told.get("result") != "Success":
            reason = self._quoted(told.get("code") or ", ".join(map(str, told)))
            raise Undeliverable(
                f"{self._place}: {page}: not saved ({reason}); a filter of the wiki is against it"
            )
        return int(told.get("newrevid") or (base.revision if base else 0))

    def _as_us(self, site: mwclient.Site) -> dict[str, str]:
        """Have the wiki check on each request that we are still logged in."""
        return {"assert": "user", "assertuser": site.username}

    def _told(self, code: str, info: object, what: str) -> ServerError:
        """Say what an error of the API means for us."""
        said = f"{self._place}: {what}: {self._quoted(info)} ({printable(code)})"
        if code in _LATER or code.startswith("internal_api_error"):
            return Deferred(f"{said}; it is tried again", self._wait())
        if code in _CONFLICT:
            return EditConflict(f"{said}; it is tried again")
        if code in _LOGGED_OUT or code in _ACCOUNT:
            return Refused(f"{said}; check the account, and that it may edit pages (docs/wiki.md)")
        if _PROTECTED in code:
            return Undeliverable(f"{said}; let this account edit it, or unprotect the page")
        return Undeliverable(f"{said}; ask the wiki's administrators")

    def _wait(self) -> float:
        return self._http.retry_after if self._http else 0.0

    def _quoted(self, said: object) -> str:
        """Return what the wiki says on one line, without what is secret."""
        return printable(blotted(str(said), self._secret))
