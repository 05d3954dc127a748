"""Which web addresses are safe to offer as links: those of strangers are shown to liaisons and to the public."""

from __future__ import annotations

from urllib.parse import urlsplit

_LONGEST = 400


def web_address(url: str) -> str:
    """Return `url` if it is a plain http or https one that is safe to offer as a link, else an empty text."""
    if len(url) > _LONGEST or any(not c.isprintable() or c.isspace() or c in "<>\"'`\\" for c in url):
        return ""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and named else ""
