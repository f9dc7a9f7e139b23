"""Tools without clinic words: clock, crypto, database, ids, errors. Anything here could serve another product."""
