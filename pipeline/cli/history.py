"""The messages of an inquiry and what has to do with it, as tables for people and as JSON."""

from __future__ import annotations

from typing import Any

from pipeline.records.threads import Article, History

_CONTESTED = "its Message-ID was another mail's before"


def show_history(history: History) -> None:
    """Print the messages of an inquiry, and the inquiries that have to do with it."""
    from pipeline.cli.output import console, moment, safe, table

    shown = table(f"{history.key}: messages", "written", "by", "subject", "decided", ">seen", "note")
    for one in history.articles:
        shown.add_row(
            moment(one.at), safe(_author(one)), safe(one.subject), _decided(one), str(one.seen), _note(one)
        )
    console().print(shown)
    if history.links:
        related = table(f"{history.key}: related", "inquiry", "why", "subject")
        for link in history.links:
            related.add_row(link.key, link.reason, safe(link.subject))
        console().print(related)
    if history.notes:
        noted = table(f"{history.key}: notes", "written", "by", "note")
        for note in history.notes:
            noted.add_row(moment(note.at), note.author, safe(note.text))
        console().print(noted)


def history_object(history: History) -> dict[str, Any]:
    """Return the messages and links of an inquiry, as JSON."""
    return {
        "inquiry": history.key,
        "messages": [
            {
                "written": one.at.isoformat(),
                "author": one.author.address,
                "subject": one.subject,
                "voice": one.voice.value,
                "disposition": one.disposition,
                "kind": one.kind,
                "seen": one.seen,
                "same_message_id": one.contested,
            }
            for one in history.articles
        ],
        "related": [
            {"inquiry": one.key, "reason": one.reason, "subject": one.subject} for one in history.links
        ],
        "notes": [
            {"written": one.at.isoformat(), "author": one.author, "text": one.text} for one in history.notes
        ],
    }


def _author(article: Article) -> str:
    return article.author.name or article.author.address


def _decided(article: Article) -> str:
    return f"{article.disposition}: {article.kind}"


def _note(article: Article) -> str:
    voice = {"machine": "automatic", "desk": "by a liaison"}.get(article.voice.value, "")
    return "; ".join(filter(None, (voice, _CONTESTED if article.contested else "")))
