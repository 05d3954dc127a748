"""Mailboxes over IMAP (RFC 9051), through imapclient."""
