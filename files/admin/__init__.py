"""Spaces, pools, the journal, uploads, trash and jobs in the admin console; its first page is `dashboard`."""

from files.admin import jobs, pools, trees

__all__ = ["jobs", "pools", "trees"]
