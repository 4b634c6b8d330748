"""Names the people, places, organisations and groups of an article, by a model and by what it says."""

from processors.entities.recognise import Reader, recognise

__all__ = ["Reader", "recognise"]
