"""What front end and engine must agree on about a mask: its values, its options, its style. Standard library only."""
