"""A mock of LM Studio's download API, and the judge of its clients."""

__version__ = "0.1.0"
