"""Models: cards, their catalogue and pinned revisions. Standard library only; imports ``core.errors`` alone."""
