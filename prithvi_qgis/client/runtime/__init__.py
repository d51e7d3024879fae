"""What a child process of the plugin needs: its code, its environment, and a reader for its output.

Also what the machine can run (:mod:`.hardware`) and what is installed (:mod:`.readiness`). Imports :mod:`core` alone.
"""
