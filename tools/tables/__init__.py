"""The resource tables of resources/: reading, checking, and writing them in other forms."""
