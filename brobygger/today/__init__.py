"""Today: the day in order of the clock.

Owns nothing. Offers the way in to the staff side: the administrator's morning, my day (everybody's for who may see
that), the leader's three gauges and the log, the machine's health for its operator. Writes nothing but that lines of
the log were taken out.

Never: changes anything; shows a name of somebody who came without one.
"""
