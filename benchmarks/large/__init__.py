"""Every page of a place that has grown beside the same page of the demonstration place:
``python -m benchmarks.large``."""
