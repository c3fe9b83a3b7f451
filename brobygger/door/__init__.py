"""The door: somebody writes without a name, keeps a key, and comes back with it.

Owns what lies between the street and the house: sealed letters on their way in (`Letter`), boxes that only their
key opens (`Box`), sealed answers on their way out (`Answer`). Offers four doors (child, young, parent, professional)
over one mechanism; a professional may send a family on with the parent's yes (two boxes, two keys), or ask about a
child nobody names. A family may say who it is when it has read what that changes. What the door promises is in
docs/privacy.md and held by tests/promises/.

Never: imports access, privacy.keyring or a later room; reads a letter back; sets a cookie; keeps an address,
a time or a name; judges what somebody wrote.
"""
