"""Calendars: the dates of groups on somebody's own telephone.

Owns `Feed`, a secret address that a calendar reads; only its hash is kept, and it is taken back at once. What stands
behind it is when and where a group meets, the same dates as the house's own pages.

Never: a name, a theme, or an address that opens after its owner may no longer see groups.
"""
