"Where the notebooks are, and how a reader gets a copy of them"
import os, shutil
from importlib import import_module, util
from pathlib import Path
from .console import HERE, Problem, is_checkout, pip_command
from .execute import kernel_env

def notebook_dir():
    "The folder of the notebooks: in the installed package, or `nbs` in a source checkout"
    folder = HERE.parent/'nbs' if is_checkout() else HERE/'notebooks'
    if any(folder.glob('*.ipynb')): return folder
    raise Problem(f'{folder} holds no notebooks; {pip_command()}')

def chapters(only=None):
    "The numbered notebooks in order, or those whose numbers are in `only`, such as '00,05'"
    found = {path.name[:2]: path for path in sorted(notebook_dir().glob('[0-9][0-9]_*.ipynb'))}
    found |= {path.stem: path for path in sorted(notebook_dir().glob('appendix_*.ipynb'))}
    if only is None: return list(found.values())
    wanted = [n if n in found else n.zfill(2) for n in only.replace(',', ' ').split()]
    if not wanted or (unknown := sorted(set(wanted) - set(found))):
        names = ', '.join(path.stem for path in found.values())
        raise Problem(f'there is no {", ".join(unknown) if wanted else only!r}, only {names}')
    return [path for number, path in found.items() if number in wanted]

def compare_notebooks(dest):
    "The notebooks that `dest` lacks, those that are the same there, and those that differ"
    new, same, changed = [], [], []
    for path in sorted(notebook_dir().glob('*.ipynb')):
        copy = dest/path.name
        if not copy.exists(): new.append(path)
        else: (same if copy.read_bytes() == path.read_bytes() else changed).append(path)
    return new, same, changed

def copy_files(paths, dest):
    "Copy files into a folder, and say so"
    dest.mkdir(parents=True, exist_ok=True)
    for path in paths: print('copied', shutil.copyfile(path, dest/path.name))

def notebooks(args):
    "The command: copy all notebooks to a folder, or none where that would undo a change"
    dest = Path(args.dest)
    new, same, changed = compare_notebooks(dest)
    for path in same: print('kept', dest/path.name)
    if changed and not args.force:
        for path in changed: print('refused', dest/path.name)
        raise Problem(f'nothing was copied, since {len(changed)} of the files in {dest} differ: '
                      'name another folder, or overwrite them with --force')
    copy_files(new + changed, dest)
    return 0

def lab(args):
    "The command: open JupyterLab on the notebooks; when they are installed, on a copy"
    if not util.find_spec('jupyterlab'): raise Problem(f'JupyterLab is missing: {pip_command("lab")}')
    folder = notebook_dir()
    if not is_checkout():
        folder = Path('mnist_fundamentals_notebooks')
        copy_files(compare_notebooks(folder)[0], folder)   # what the reader changed stays
    os.environ['PYTHONPATH'] = kernel_env()['PYTHONPATH']
    import_module('jupyterlab.labapp').main([str(folder)])
    return 0
