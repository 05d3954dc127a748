"""Many words in one pass: all are found, whatever the order in which they were given."""

from __future__ import annotations

from pipeline.automata import automaton


def test_words_of_many_scripts_are_found_where_they_end() -> None:
    words = {"музей": 1, "museum": 2, "muse": 3, "図書館": 4, "us": 5}
    text = "our museum, наш музей, 図書館"
    expected = sorted(
        (start + len(word) - 1, value)
        for word, value in words.items()
        for start in range(len(text))
        if text.startswith(word, start)
    )
    assert sorted(automaton(words).iter(text)) == expected
    assert sorted(automaton(dict(reversed(words.items()))).iter(text)) == expected
