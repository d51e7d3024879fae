"""Many scenes at once: which there are, what they become, and the records of it. Shared by every front end."""
