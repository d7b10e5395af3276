"""Upkeep as a library: checking (fsck), collecting (gc), compacting, thinning out. Commands and jobs are thin.

Order of dependency: ranges, affected, objects, then fsck, gc, compact, retention.
"""
