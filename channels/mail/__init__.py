"""Reading mail: what a stranger's RFC 5322 message says, within limits of time, depth, parts and size."""
