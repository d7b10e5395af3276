"""Tags of sharing for templates."""
