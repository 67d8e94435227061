"""Takes what is stored to another disk every night, proves that it can be read back, and brings it back."""
