"""Proofs of the statistics, against numbers printed elsewhere."""
