"""Who is asking: staff with a password, customers with a link, their devices and their sessions."""
