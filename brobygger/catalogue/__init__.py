"""The catalogue: what this house is, what it offers, where, when, and what it promises.

Owns   House, Welcome, Offer, Place, OpeningHours, Closure, Promise, Partner, Line, Question, Door, Theme, AgeBand,
       MeetingMode, Wording, Word, Retention, RecordNumber. All that changes over the years is dated, because an old
       number is read by its old rule.
Offers `rules.answer_by` (the promised hour), `rules.open_now`, `rules.fits` (yes or no, with reasons a parent can
       read), `queries` for every other room, `services.furnish` and its command, and the pages anyone may read.
Never  code per house or per offer: two houses differ by a file in `houses/` alone. Nothing here is about a person.
       Other rooms keep the slug of an offer or a place, never a foreign key.
"""
