"""Content: pages anyone may read, that send nothing and remember nobody.

Offers the notification guide (underretning): a walk through pages, a checklist, an outline to copy, a calendar file,
and which municipality to ring. Owns no table; the municipalities are a file beside the code.

Never: takes a word about a child; asks the door or anything after it.
"""
