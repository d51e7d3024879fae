"""Model cards, the catalogue of models and their pinned revisions.

In: ``model.json`` and ``revisions.ini``. Out: checked, frozen descriptions. Nothing is loaded or executed. May import
``core.errors``.
"""
