"Five digit classifiers, exported from the notebooks in `nbs`. Importing the package imports nothing else."

def __getattr__(name):
    if name == '__version__':
        from importlib.metadata import version
        return version(__name__)
    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
