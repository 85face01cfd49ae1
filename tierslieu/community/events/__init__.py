"""The base of events: what happens where, when (perhaps vaguely), and who comes."""
