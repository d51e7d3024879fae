"""Sets up the engine: the offer, the dialog, and the installation as a background task."""
