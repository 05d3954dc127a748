"""Evidence to decision, decision to a person and a date: the judge, the liaisons' policy, assignment, deadlines."""
