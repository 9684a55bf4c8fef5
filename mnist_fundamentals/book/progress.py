"Which exercises of somebody's notebooks are done, from the saved outputs: nothing is run"
import re
from pathlib import Path
import nbformat
from .console import Problem, one_line

CHECK = re.compile(r"""(?m)^\s*check\(\s*['"]([\w.]+)['"]\s*,""")

def find_notebooks(folder):
    "The notebooks in a folder and below, in order, without Jupyter's own copies"
    folder = Path(folder)
    if not folder.is_dir(): raise Problem(f'{folder} is not a folder')
    found = [p for p in sorted(folder.rglob('*.ipynb')) if '.ipynb_checkpoints' not in p.parts]
    if not found: raise Problem(f'{folder} holds no notebooks')
    return found

def read_notebook(path):
    "A notebook of any version 4; a Problem that says why it is none"
    try: return nbformat.read(path, as_version=4)
    except Exception as error: raise Problem(f'is no notebook: {one_line(error)[:120]}') from None

def text_of(output):
    "What a saved output says"
    text = output.get('text') or output.get('data', {}).get('text/plain') or ''
    return ''.join(text).strip('\'"\n ')

def states(nb):
    "Name of each exercise to 'done', 'tried' or 'open'"
    found = {}
    for cell in nb.cells:
        if cell.cell_type != 'code': continue
        for name in CHECK.findall(cell.source):
            said = ' '.join(map(text_of, cell.get('outputs', [])))
            found[name] = 'done' if said.startswith('Correct') else 'tried' if said.startswith('Not yet') else 'open'
    return found

def progress(args):
    "The command: say which exercises are done, tried and open"
    total = {}
    for path in find_notebooks(args.folder):
        shown = path.relative_to(args.folder)
        try: found = states(read_notebook(path))
        except Problem as error: print(f'{shown}: {error}')
        else:
            if not found: continue
            by = {state: [n for n, s in found.items() if s == state] for state in ('done', 'tried', 'open')}
            print(f'{shown}: {len(by["done"])} of {len(found)} done',
                  *[f'{state}: {", ".join(names)}' for state, names in by.items() if names], sep='; ')
            for state in found.values(): total[state] = total.get(state, 0) + 1
    print(f'{total.get("done", 0)} of {sum(total.values())} exercises done, by the saved outputs')
    return 0
