"""Consents: who may know what about a family, said as sentences, and taken back with one press.

Owns `Consent` (with the exact text that was shown, `ConsentText`), `Disclosure` (what was told on it), `Referral` (a
family sent on by a professional, and how far it has come), `Duty` and `DutyReading` (our own duty to notify, weighed
by two people). Pulls referrals and withdrawals from the threads, and holds a thread until its own rows are gone.

Never: tells anybody more than a family allowed; decides that two families are one; keeps a number without a consent.
"""
