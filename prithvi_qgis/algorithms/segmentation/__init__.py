"""The algorithm "Prithvi segment": its parameters, their checks, the request to the engine, and the results."""
