"""Measurements that the documents quote: ``python -m tools.bench NAME``, see the named module for its options."""
