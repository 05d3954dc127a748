"""Drawing charts in a process of their own."""
