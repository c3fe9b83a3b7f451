"""The proofs, named after the promise each one holds (docs/privacy.md)."""
