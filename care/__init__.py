"""The trade: nouns, rules and steps of social customer care. Imports only the standard library."""
