"""What people type in each language, and what is understood: `python -m tests.wording.inputs`
prints it as a table.
"""
