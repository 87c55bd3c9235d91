"""The one error of a conversion that does not work out."""


class ConversionError(ValueError):
    """A model that LCE can't convert, or not into what was asked for."""
