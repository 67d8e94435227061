"""A picture in, a reading with its confidence or a refusal out; knows nothing of the collector."""
