"""The algorithm "Evaluate a mask": reads mask and reference, compares them, and writes JSON and an HTML page."""
