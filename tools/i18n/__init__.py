"""Translations of the plugin's texts: extracted from its source, edited as Qt's .ts files, shipped as .qm files."""
