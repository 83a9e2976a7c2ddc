"""Near-duplicates: what looks alike without being equal byte by byte, over all shards of a holding.

Here: perceptual hashes of pictures (pictures), exact search by Hamming distance (hamming), pairs among what was
committed (pairs), and views over the pairs: neighbours and clusters, for a reader with their marks (clusters).
Not here: exact duplicates, which are equal objects (storage/vault, catalogue); the stages (stages/fingerprints,
stages/near_pairs).
"""
