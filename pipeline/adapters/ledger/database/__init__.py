"""The database itself: opening it, transactions, and what SQLite and PostgreSQL do differently."""
