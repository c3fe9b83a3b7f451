"""Outcomes: whether it helped, asked of the ones it was meant for, and shown to them first.

Owns `Round` (somebody is to be asked), `Sheet` (what they answered, under the person's own key) and `Licence`. The
questions themselves are versioned files in `instruments/`. A course that ends, however it ends, asks at once.

Never: a question nobody may leave out; an alarm to others; the word for an illness; a score in a column.
"""
