"""What an office does with a received application before it is evaluated."""
