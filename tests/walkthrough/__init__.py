"""A tool, run by sandbox.py: the toy problems, what a page prints beside what layers compute.

`sections.py` lists the sections in the order of the pages; each is plain text: what the page
prints, what the layers are asked, and the same as a NumPy expression. `walk.py` computes them,
`verdict.py` compares, the others show. The sections import nothing of the library, so they
also run on classes that somebody else wrote; `library.py` has its own.
"""
