"""What is stored of people, and who is kept out; for `extract` and for erasing."""
