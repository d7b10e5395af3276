"""Spaces, pools, the journal, uploads, trash and jobs in the admin console."""

from files.admin import jobs, pools, trees

__all__ = ["jobs", "pools", "trees"]
