"""Who may do what with a node: one table of rights (`rights`), one function (`compute`), and the same read the other
way round (`explain`).
"""
