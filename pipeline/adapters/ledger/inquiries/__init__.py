"""Inquiries: threads of messages, decisions on them, who deals with them, and their lives."""
