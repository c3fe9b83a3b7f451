"""Placement: the best place that exists for every waiting child, and the proof that none is better.

Proposes; a person decides. Says why here, why not there, and what would change it, from waiting time, age, reach,
wishes and rules alone. `solver` finds, `proof.verify` checks it without the solver, `simulation` plays a year.

Never: decides; a score of a family; a fact the page does not show.
"""
