"""Intake: the worklist and its clocks, and what people decide about a letter.

Owns `Enquiry` (one per living thread: who has it, until when it must be answered), `Tally` (the count row, all that
is left afterwards), `Signpost` (how often we helped somebody on, and where to) and `CallLine` (so that a call is
counted once). Offers take, hand over, answer, answer with times, agree on a time, signpost, end; count a call, or open
a thread for it. Reading is permission: `queries.get_enquiry(viewer, id)` or nothing.

Never: gives a family a score, a rank or a level of concern; keeps a row about somebody whose thread has ended.
"""
