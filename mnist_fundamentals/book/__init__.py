"""What a book needs to be a book, apart from its lessons: files, checks, sliders, pages, the command.

The lessons are written in `nbs` and exported to the modules beside this folder; these modules are
written by hand. CONTRIBUTING.md says which may import which.
"""
