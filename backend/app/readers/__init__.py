"""Who reads: their settings, interests, opinions and the times of their digests."""
