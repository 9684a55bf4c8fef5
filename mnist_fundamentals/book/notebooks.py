"Where the notebooks are, and how a reader gets a copy of them"
import json, os, re
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

def without_answers(data):
    "A notebook's bytes without solutions, answers to questions and hidden tests"
    nb = json.loads(data)
    def kept(cell):
        source = ''.join(cell['source'])
        test = re.match(r'#\| *hide *$', source, re.M) and cell['id'] != 'colab'
        return not (test or cell['id'].startswith('solution'))
    nb['cells'] = [cell for cell in nb['cells'] if kept(cell)]
    for cell in nb['cells']:
        if cell['cell_type'] == 'markdown':
            text = re.sub(r'\n*<details><summary>(?!Hint).*?</details>', '', ''.join(cell['source']), flags=re.S)
            cell['source'] = text.splitlines(keepends=True)
    return (json.dumps(nb, indent=1, ensure_ascii=False, sort_keys=True) + '\n').encode()

def copies(for_students=False):
    "Name to bytes of the notebooks as a reader gets them"
    found = {path.name: path.read_bytes() for path in sorted(notebook_dir().glob('*.ipynb'))}
    return {name: without_answers(data) for name, data in found.items()} if for_students else found

def compare_notebooks(dest, for_students=False):
    "Names of the notebooks that `dest` lacks, of those that are the same there, and of those that differ"
    new, same, changed = [], [], []
    for name, data in copies(for_students).items():
        copy = dest/name
        if not copy.exists(): new.append(name)
        else: (same if copy.read_bytes() == data else changed).append(name)
    return new, same, changed

def copy_files(names, dest, for_students=False):
    "Copy notebooks into a folder, and say so"
    dest.mkdir(parents=True, exist_ok=True)
    files = copies(for_students)
    for name in names:
        (dest/name).write_bytes(files[name])
        print('copied', dest/name)

def notebooks(args):
    "The command: copy all notebooks to a folder, or none where that would undo a change"
    dest = Path(args.dest)
    new, same, changed = compare_notebooks(dest, args.for_students)
    for name in same: print('kept', dest/name)
    if changed and not args.force:
        for name in changed: print('refused', dest/name)
        raise Problem(f'nothing was copied, since {len(changed)} of the files in {dest} differ: '
                      'name another folder, or overwrite them with --force')
    copy_files(new + changed, dest, args.for_students)
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
