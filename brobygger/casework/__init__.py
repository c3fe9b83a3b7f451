"""Casework: the named course, begun when a family says who it is.

Owns `Course`, `Member` (one person in it, under a key of their own), `IdentityCard` (name, number and address, under
another), `Part` (what is known, version by version), `Note` and `Draft`, `Assignment` (who reads it, from when until
when). Takes over a thread when its family gives a name (`naming`); the anonymous side keeps a count.

Never: joins a course with what somebody wrote without a name; shows a course to who is not assigned; changes what
stands, or a score of a family.
"""
