"""The HTML endpoint of accounts; sign-in and its relatives are allauth's."""
