"""What PROPFIND tells: a registry of live properties (registry), those of RFC 4918 and 4331 (standard), the request
(requested), and the pieces of XML (writing).
"""
