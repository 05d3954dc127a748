"""What liaisons answered by mail, and who of them takes nothing for now."""
