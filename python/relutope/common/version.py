"""The version of relutope."""

VERSION = "0.1.0"
