"""Names that look unused to vulture, and who uses them: an entry goes when its user goes."""
# ruff: noqa: B018, F821
# mypy: ignore-errors

# Asked by libraries: what they call or read on classes of ours, and what we set on objects of theirs.
_._create_socket, _._create_IMAP4, _.normalise_times, _.debug  # imapclient, imaplib
_._get_socket  # smtplib
_.mtime  # tarfile
_.impl, _.cache_ok, _.process_bind_param, _.process_result_value, _.inherit_cache  # SQLAlchemy
_.autocommit, _.isolation_level  # sqlite3, psycopg
_.describe  # prometheus_client's collectors
_.pool_classes_by_scheme, _.ConnectionCls, _.trust_env, _.verify  # urllib3, requests
_.stats, _.__path__  # the module that stands in for scipy.stats
_.format_commands, _.short_help  # click
_.no_wrap, _.overflow  # rich's columns
_.greeting, _.handle_DATA, _.auth_XOAUTH2, _.auth_OAUTHBEARER, _.line_length_limit  # pymap, aiosmtpd
(
    _.buffer_text,
    _.StartDoctypeDeclHandler,
    _.StartElementHandler,
    _.EndElementHandler,
    _.CharacterDataHandler,
)  # expat
_._header_index, _._defects, _._defects_categories, _._has_defects  # mail-parser
_.log_errors, _.max_mem  # RE2
_.execution_count  # cells of notebooks
down_revision  # Alembic
_._pool  # httpx
_._get_numpydoc_issues  # numpydoc

# Read by the templates in pipeline/digest/templates.
_.alignment_level, _.deadline_past, _.archive_host, _.agreed, _.alt

# Read by their names: from declarative files, or as members of an enumeration.
_.tomorrow, _.nothing, _.ignored  # pipeline.feedback.vocabulary
_.freemail, _.allof, _.anyof  # pipeline.rulebook.declared
_.raw_days, _.decisions_days, _.set_aside_days  # pipeline.settings.retention
_.DYNAMIC_FIELDS, _.TO

# Part of the key of a cache.
stamps  # pipeline.wiring.declared

# Asked by tests alone, which hold the program to them.
country_of_text, country_of_domain  # clues of a place, measured apart against tables of other projects
PAIRS, contrast  # what WCAG asks of colours
translated  # each language of the digests, tried
