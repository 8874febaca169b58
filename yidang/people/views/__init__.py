"""Pages of people: the door, accounts, departments, clients."""
