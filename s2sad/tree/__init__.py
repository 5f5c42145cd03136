"""The gast toolbox: reading source, building, copying, walking and printing trees."""
