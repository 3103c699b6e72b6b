"""Acts on the whole queue, and what every page says of it."""
