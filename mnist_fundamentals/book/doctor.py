"Is everything there that the book needs? What is wrong, and what to do"
import tempfile, warnings
from importlib import import_module, util
from . import bundle, notebooks
from .console import Problem, one_line, pick_device, pip_command, versions
from .sample import is_complete, sample_path

def check_import(name):
    "Import a module"
    try:
        with warnings.catch_warnings(action='ignore'): import_module(name)
    except Exception as error:
        raise Problem(f'{one_line(error)}; pip install --force-reinstall {name[:6]}') from None
    return 'loads'

def check_bundle():
    "Compare the bundled digits with their digests"
    try: wrong = ', '.join(bundle.damaged_arrays())
    except Exception as error: wrong = one_line(error)
    if not wrong: return 'genuine'
    raise Problem(f'damaged ({wrong}); {pip_command()} --force-reinstall')

def check_sample():
    "Is the MNIST sample's folder complete, or can it be made?"
    try:
        path = sample_path()
        if is_complete(path): return f'complete in {path}'
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent): pass
    except OSError as error:
        raise Problem(f'{one_line(error)}; set FASTAI_HOME to a folder you may write to') from None
    if path.exists(): raise Problem(f'incomplete; delete {path}, and it is made anew')
    return f'not there yet; the first use writes it to {path}'

def check_notebooks():
    "How many are there, and where?"
    return f'{len(notebooks.chapters())} chapters in {notebooks.notebook_dir()}'

def check_extra(module, command, extra):
    "Is there what only one command needs?"
    if util.find_spec(module): return 'there'
    return f'missing, and only {command} needs it: {pip_command(extra)}'

def doctor(args):
    "The command: check the set-up; print what is wrong and what to do"
    healthy = True
    for name, version in versions().items():
        healthy &= version is not None
        print(f'{name:<20}{version or f"WRONG: missing; pip install {name}"}')
    checks = {'torch import': lambda: check_import('torch'),
              'fastai import': lambda: check_import('fastai.vision.all'),
              'device': pick_device, 'bundled digits': check_bundle, 'MNIST sample': check_sample,
              'notebooks': check_notebooks,
              'JupyterLab': lambda: check_extra('jupyterlab', 'lab', 'lab'),
              'Voila': lambda: check_extra('voila', 'draw', 'app')}
    for name, check in checks.items():
        try: print(f'{name:<20}{check()}', flush=True)
        except Exception as error:   # one broken part must not hide the others
            healthy = False
            print(f'{name:<20}WRONG: {one_line(error)}', flush=True)
    print('All is well.' if healthy else 'Something is wrong: see above.')
    return 0 if healthy else 1
