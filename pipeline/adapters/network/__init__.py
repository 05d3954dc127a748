"""What all connections to servers share: TLS, failures told in one line, ending them, logging in with OAuth 2.0."""
