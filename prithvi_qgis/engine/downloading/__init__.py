"""Fetching a published model from the Hugging Face hub and making it a model of the user's."""
