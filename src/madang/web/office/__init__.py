"""Pages of the ministry and its secretariats: calls on screen, enquiries, people and their roles."""
