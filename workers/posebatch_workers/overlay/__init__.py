"""Drawing what was found onto the video."""
