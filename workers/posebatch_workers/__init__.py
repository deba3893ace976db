"""What happens to one video: decode, track, analyse, draw, store."""
