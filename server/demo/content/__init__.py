"""What the demo shops contain, as data: people, customers, parts, and the stories of their work."""
