"""Digests: what a liaison has to do, what the committee has to know, as mail and as pages.

`summarise` picks two sentences, `daily` and `weekly` render, `message` makes a mail of what was rendered.
"""
