"""What remains of sessions over days and weeks: a history, a plan, a diary of spots, reports. Files, but no screen."""
