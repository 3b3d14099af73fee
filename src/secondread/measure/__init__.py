"""Physical quantities of what was outlined: volume, diameter, ratio, density, growth. One idea a file."""
