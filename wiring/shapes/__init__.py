"""Every JSON that leaves, typed: routes return these, commands print them, events and webhooks carry them.

A field is read from the attribute of the same name of a value of `care`, or from the one that its alias names.
"""
