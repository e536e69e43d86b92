"""Peers that have to be installed first: `./dev bench --peers`. Each has a folder here with what pins it."""
