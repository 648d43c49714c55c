"""The porch: the `tactful` command. One file a command group; heavy rooms are imported inside commands only."""
