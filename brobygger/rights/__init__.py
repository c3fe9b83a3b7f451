"""Rights: what a person in a course may ask of us, and how a record ends.

Owns `SubjectRequest` (access, correction, erasure), `Withholding` (what was held back, and why), `LegalHold` (why a
record must not end yet) and `HandOver` (a course that went to a municipality). Gathers what is held about one person,
hands it out as page, paper and file, erases it, and ends what its period is over for.

Never: hands out what another person said, unless somebody has weighed it; ends what is held; keeps a copy of what it
handed out.
"""
