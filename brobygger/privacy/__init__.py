"""Secrets, traces and endings.

Owns: `DataKey` (in a database of its own) and `AuditEntry` (append-only, no foreign keys).
`seal` is the public half: return keys, letters, tokens, the reading of answers. The door lives by it.
`ring` and `keyring` are the private half: master key, key ring, the keys of each thread and each identity.
`fields` names what becomes of every field, `retention` runs the endings, `services.record` leaves the trace.
Other rooms import `seal`, `keyring`, `fields`, `retention`, `services` and `queries`; never `ring`.
Every cryptographic step is one call to libsodium; there is no protocol here beyond docs/privacy.md.
Never: a view that imports `keyring`, a door that knows a private key, a log line with content.
"""
