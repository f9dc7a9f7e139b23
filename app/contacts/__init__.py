"""Contacts: the people a clinic talks to and the numbers and addresses they are reached at."""
