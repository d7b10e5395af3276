"""What a person can do, one verb a module: it checks the right, owns one transaction, writes the journal.

Every action takes the actor first and keyword arguments after it. Bytes move outside of the transaction.
"""
