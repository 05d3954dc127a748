"""Triage of partnership inquiries: from mail to tagged, routed and summarised inquiries."""

__version__ = "1.0.0"
