"""How data enters and leaves the feature store from this process.

The modules here hold what the resource classes share: the table of types, frames in and out, checks before an insert,
the two ways of writing (through the server, or Delta by the client), reading through the query service, splits and statistics.
Nothing in this package imports pandas, polars, numpy or pyarrow before it is needed.
"""
