"""Help desks of the OTRS family (OTRS 6, Znuny, OTOBO) over their Generic Interface, through httpx."""
