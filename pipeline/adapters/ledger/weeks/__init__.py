"""Any week as it was known at its end."""
