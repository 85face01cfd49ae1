"""Who did what here, when and from where: written once, chained, never changed."""
