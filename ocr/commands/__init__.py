"""What can be typed after `python -m ocr`: each module adds one subcommand."""
