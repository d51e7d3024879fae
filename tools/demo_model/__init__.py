"""How the demonstration model ``demo-water`` and the demonstration scene were made."""
