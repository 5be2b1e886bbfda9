"""The wheel, installed beside a user's own code, and the direction of the imports."""
