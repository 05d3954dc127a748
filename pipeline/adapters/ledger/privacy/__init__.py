"""What holds personal data, letting go of it in time, and forgetting one person."""
