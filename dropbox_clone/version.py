"""The version of the product: here and nowhere else. docs/releases says how a release is made."""

VERSION = "0.2.0"
