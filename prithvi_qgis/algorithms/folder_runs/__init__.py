"""The algorithm "Prithvi segment folder": its parameters, and runs of many scenes with one or several engines."""
