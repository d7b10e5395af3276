"""The chain of the audit record: rows, keys, sealing, the removal of old acts, the proof that nothing was changed."""
