"""One TLS context for all clients of the tests: reading the trust store costs 27 ms of CPU, and ours speak no TLS."""

import ssl

TLS = ssl.create_default_context()
