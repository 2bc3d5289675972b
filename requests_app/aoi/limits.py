"""What an uploaded area may cost, on both sides of the sandbox."""

MAXIMUM_FILE_BYTES = 20 * 1024 * 1024
MAXIMUM_VERTICES = 250_000
MAXIMUM_LAYERS = 64
MAXIMUM_FEATURES = 100_000
MAXIMUM_JSON_DEPTH = 64
MAXIMUM_XML_DEPTH = 64
MAXIMUM_WKT_DEPTH = 64

MAXIMUM_ARCHIVE_MEMBERS = 1_000
MAXIMUM_ARCHIVE_BYTES = 128 * 1024 * 1024
MAXIMUM_MEMBER_BYTES = 64 * 1024 * 1024
MAXIMUM_PROJECTION_BYTES = 64 * 1024

# A file stopped by the processor limit must still be answered in under ten seconds.
PROCESSOR_LIMIT_S = 8
WALL_CLOCK_LIMIT_S = 9
ADDRESS_SPACE_LIMIT_BYTES = 512 * 1024 * 1024
MAXIMUM_REPLY_BYTES = 64 * 1024 * 1024

# A register of places is read by an operator's command, never by a page.
MAXIMUM_PLACES_BYTES = 256 * 1024 * 1024
PLACES_ADDRESS_SPACE_BYTES = 3 * 1024 * 1024 * 1024
PLACES_PROCESSOR_LIMIT_S = 600

# Of the user "nobody": what the sandboxed process becomes when it is started by root.
UNPRIVILEGED_ID = 65534
