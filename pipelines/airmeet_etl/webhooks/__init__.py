"""Webhooks: registered at Airmeet, received into an inbox on disk, and read out of it into rows."""
