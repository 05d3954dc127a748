"""Reading mail in a confined process that can be ended."""
