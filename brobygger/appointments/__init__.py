"""Appointments: who meets whom, where and when; home, house, phone or video.

Owns `WorkingHours` (when a therapist can meet), `Proposal` (a time offered to one family), `Appointment` (a time
that stands, under a box number) and `VisitAddress` (known from the agreement until the day after the visit). A
double booking is refused by the database itself, on SQLite and on PostgreSQL.

Never: asks for an address before a visit is agreed; shows a name; decides who should meet whom.
"""
