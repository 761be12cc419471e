"""What the hand does and what the coach says: pure, no I/O, no clock of its own."""
