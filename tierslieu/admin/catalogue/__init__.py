"""What the place offers, in one list: how each thing stands, and where it is changed."""
