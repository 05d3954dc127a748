"""Where an inquiry comes from, who writes it, how it meets the criteria, and how soon it needs an answer."""
