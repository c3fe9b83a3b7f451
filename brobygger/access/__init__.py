"""The room of those who work here.

Owns: `User`, `Membership` (who holds which role, and when), `Glass` (a leader's look at a thread, with a reason),
`Guesses` (wrong passwords and codes, by account and device).
Offers: `roles` (what each role may do, on one page), `guards` (may, require, guard), sign-in with a second factor, a
passkey or the municipality, the house's people (`queries.colleagues`, `queries.person`) and break-glass.
Never: a word about a family, a role written into another room's code, a cookie outside the staff side, an open sign-up,
a password sent by mail.
"""
