"""People's own words: asked for by a researcher, read one by one by the coordination, let out."""
