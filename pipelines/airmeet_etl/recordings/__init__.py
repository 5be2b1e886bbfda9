"""Recordings, copied from Airmeet's storage to the user's before Airmeet deletes them."""
