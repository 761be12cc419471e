"""Where motion comes from: bytes in, samples out."""
