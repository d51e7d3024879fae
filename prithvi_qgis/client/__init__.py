"""Installing, finding and talking to the engine. Standard library only; usable without QGIS."""
