"""Threads: letters are opened here, and answers are sealed here.

Owns `Thread` and `Message` (each thread under a key of its own), `ContactCard` (a way to be reached, under another
key), `Outgoing` (what is on its way out) and `OpenedLetter` (so that a letter sent twice is one). This is the only
room that opens what was written: `opening.open_letters`. Reading is permission: `queries.get_thread(viewer, id)`.

Never: decides anything about a family; shows a text without a line in the audit; keeps a thread after its end.
"""
