"""Errors of files and data."""


class DataError(RuntimeError):
    """A data file is not what it should be; the message names it and what to do."""


class DataMissing(DataError):
    """A data file is not on this machine and could not be downloaded."""
