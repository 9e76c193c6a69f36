"""One module for each fault; each function takes a ground and a count, and gives its figures."""
