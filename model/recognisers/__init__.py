"""What each kind of sensitive data looks like: one file a family, each a `Recogniser` of its own."""
