"""Backups: copies that can be restored, and that cannot bring back what was destroyed.

Owns no table. Writes sealed copies of the databases and the key ring, restores them, keeps each only as long as
docs/privacy.md says, and proves of one erasure that no copy we have opens it (`manage.py backup`, `restore`,
`prove-erased`).

Never: copies a letter that waits to be opened, or the master key; restores a key that was destroyed since.
"""
