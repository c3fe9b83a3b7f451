"""Reports: what the house did in a year, and whether it helped, in figures that stand.

Owns `Report`: frozen figures with their definitions. Counts what the earlier rooms offer through their queries; hides
small numbers, and checks every release against all the earlier ones before it goes out.

Never: a row about a person; a mark per person in a picture; a figure nobody can open to its definition.
"""
