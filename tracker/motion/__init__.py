"""The motion engine: what a hand does, how fast and how many times, from its wrist."""
