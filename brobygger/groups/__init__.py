"""Groups: children, parents and babies who meet by a rule, every fourteen days or as the house runs them.

Owns `Group` and its dated `Meeting`s, `Leader` (and `Lead`, who leads one evening), `Waiting`, `Seat` and
`Attendance`. Rules make the dates; a person decides who sits where.

Never: group gossip in one child's record; a name in a calendar or on a wall; a score of a family.
"""
