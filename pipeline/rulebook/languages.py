"""Which language codes there are: a code that no language has is a mistake that nothing else would show."""

from __future__ import annotations

from functools import cache

_UNDETERMINED = "und"


def language_problem(code: str) -> str:
    """Return what is wrong with `code` as an ISO 639 code of two or three letters; empty if nothing is.

    Known are the languages that the Unicode CLDR has an English name for, and those that it keeps data for. Labels may name
    any that ISO 639 has (`pipeline.classify.labels`); in a rule, an alias such as ``eng`` would match no mail.
    """
    if not (2 <= len(code) <= 3 and code.isascii() and code.isalpha() and code.islower()):
        return f"{code!r} is no language code; write the two or three small letters of ISO 639, such as 'de'"
    if code in _codes():
        return ""
    return (
        f"no language has the ISO 639 code {code!r}; look it up, or write {_UNDETERMINED!r} for no language"
    )


@cache
def _codes() -> frozenset[str]:
    from babel import Locale
    from babel.localedata import locale_identifiers

    named = frozenset(Locale("en").languages)
    kept = frozenset(identifier.partition("_")[0] for identifier in locale_identifiers())
    return named | kept | {_UNDETERMINED}
