"""Sharing: links, shares, invitations, comments, activity, notifications, webhooks, and the brake on mass change.

Grants themselves are in files.access: what a principal may do is decided there and nowhere here.
"""
