"""One exam for courses that teach the same classes in other spellings and conventions.

A course that has no module of its own for something has the one of this package, made for its
`CONVENTIONS`.
"""
