"""Today: the day in order of the clock.

Owns nothing. Offers the day list (my day, or everybody's for who may see that), the way in to the staff side, and
the machine's health for its operator, and the log for the leader. Writes nothing but that lines were taken out.

Never: changes anything; shows a name of somebody who came without one.
"""
