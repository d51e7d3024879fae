"""Translations of the plugin's texts: found in its source, kept as Qt's .ts, shipped as .qm."""
