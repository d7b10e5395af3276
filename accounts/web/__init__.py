"""The HTML door of accounts; sign-in and its relatives are allauth's."""
