"""A load: due results in packages into the destination; for the commands."""
