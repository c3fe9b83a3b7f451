"""Statistics: the numbers of the yearly report, and which of them may be shown without showing a child.

Owns nothing and stores nothing. `small`, `change`, `growth`, `survival`: plain values in, frozen values out; every
function names the paper its formula comes from, and its tests hold numbers printed elsewhere. `published`: what a
reader gets to see. `hiding` chooses what stays out, `attack` tries to work it out again, `anonymity` for an export.

Never: knows a child, a course or a database; prints a fit that did not converge; promises what `attack` did not try.
"""
