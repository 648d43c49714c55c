"""The console: server-rendered pages for the people who answer. Works without scripts; faster with them."""
