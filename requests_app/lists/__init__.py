"""Lists of requests: whose, filtered, in an order, a page at a time, on a map and as files."""
