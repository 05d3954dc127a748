"""Texts, tags, dates and numbers in the language of whoever reads: gettext catalogues and CLDR."""
