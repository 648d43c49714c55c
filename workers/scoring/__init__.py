"""A history of messages scored by many processes: `plan.py` cuts it into shards, `shards.py` scores one of them.

The other files hand shards out. The folder of scores is all that processes share, and all that a run needs to go on.
"""
