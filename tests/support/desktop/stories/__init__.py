"""What a person does in a QGIS window, one story a file."""
