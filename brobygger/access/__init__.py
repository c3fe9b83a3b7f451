"""The room of those who work here.

Owns: `User`, `Membership` (who holds which role, and when), `Glass` (a leader's look at a thread, with a reason).
Offers: `roles` (what each role may do, on one page), `guards` (may, require, guard), sign-in with a second factor, the
house's people (`queries.colleagues`, `queries.person`) and break-glass (`services.break_glass`).
Never: a word about a family, a role written into another room's code, a cookie outside the staff side, an open sign-up,
a password sent by mail.
"""
