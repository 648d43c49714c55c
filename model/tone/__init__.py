"""The tone check on every outgoing text, a person's too: span rules and a trained head, one verdict."""
