"""Series: a rule that repeats (RFC 5545) and its dates, as plain values.

Owns nothing and stores nothing. Whoever has a rule, the days a house is closed and what was moved gets the dates, the
weeks they fall in, and the events a calendar needs; both ways say the same.

Never: a word about whom it is for.
"""
