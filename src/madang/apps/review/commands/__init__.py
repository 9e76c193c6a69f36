"""Each change of state is one command; the modules follow what they are about."""
