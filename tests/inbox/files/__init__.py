"""Files on their whole way: from a patient through the provider's store to the screen, and from staff outwards."""
