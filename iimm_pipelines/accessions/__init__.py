"""What arrived: registration, numbers, listing, shards, families.

Here: everything about an accession that is not yet processing.
Not here: reading the bytes into the vault (stages/inventory), what is inside them (stages/contents).
"""
