"""Ground: the floor every other room stands on. It knows not one word about families.

Owns      the abstract row, the clock, the look (one stylesheet, one small script), base pages, forms on a page,
          Danish days and hours, the SQLite driver, the headers of every answer, and a log that says nothing.
Offers    `clock.now`, `models.Row`, `rules.say_when` and its family, the filters of `templatetags.house`,
          `forms.HouseRenderer`, `middleware.Headers`, `logging.Bare`, `ground/family.html`, `ground/staff.html`.
Never     a word of the domain, a table of its own, a request to another host, an inline script or style,
          a client's address kept, a visitor's text in a log.
"""
