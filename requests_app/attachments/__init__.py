"""Files that come with a message: what is accepted, under which name, and where it is kept."""
