"""Sessions that repeat: planned together, changed one by one or together."""
