"""Text of PDF files (ISO 32000-1)."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipeline.parsing.documents_limits import MAX_EXPANDED, MAX_PAGES, DocumentError, OutOfTime

if TYPE_CHECKING:
    from pypdf import PdfReader


def pdf_text(octets: bytes, out_of_time: OutOfTime) -> Iterator[str]:
    """Yield the text of the first `MAX_PAGES` pages; nothing for pages that are pictures.

    Raises
    ------
    DocumentError
        If it opens only with a password, or time is up; any other exception for broken files.
    """
    with _quiet_and_limited():
        reader = _opened(octets)
        total = len(reader.pages)
        for number in range(min(total, MAX_PAGES)):
            if out_of_time():
                raise DocumentError(f"only {number} of {total:,} pages read: time is up")
            yield reader.pages[number].extract_text() + "\n\n"
        if total > MAX_PAGES:
            raise DocumentError(f"only {MAX_PAGES} of {total:,} pages read")


def _opened(octets: bytes) -> PdfReader:
    """Open a file; one that is only protected against changes has an empty password."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError

    reader = PdfReader(io.BytesIO(octets))
    try:
        locked = reader.is_encrypted and not reader.decrypt("")
    except DependencyError:  # AES, and no library for it
        locked = True
    if locked:
        raise DocumentError("encrypted PDF: not read")
    return reader


@contextmanager
def _quiet_and_limited() -> Iterator[None]:
    """Keep what pypdf has to say about broken files out of logs: it quotes them."""
    from pypdf import apply_configuration

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    with (
        warnings.catch_warnings(action="ignore"),
        apply_configuration(
            maximum_declared_stream_length=MAX_EXPANDED,
            array_based_stream_maximum_output_length=MAX_EXPANDED,
            lzw_maximum_output_length=MAX_EXPANDED,
            run_length_maximum_output_length=MAX_EXPANDED,
            zlib_maximum_output_length=MAX_EXPANDED,
            jbig2dec_binary=None,  # no other programs
        ),
    ):
        yield
