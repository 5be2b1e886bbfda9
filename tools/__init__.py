"""What developers run: documents and pictures written anew. None of it is installed."""
