"""Where one sleeps and eats: houses, beds, meals, needs, and the sheet of the boarding school."""
