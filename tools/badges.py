"""Set what every notebook has alike: the Colab badge and the Colab cell, from settings.ini, and folds.

    python tools/badges.py          # rewrite the notebooks that differ
    python tools/badges.py --check  # exit 1 if one would be rewritten

The badge is the line in the first cell that begins with `[![Open in Colab]`; the cell has the id
`colab`; index and the glossary, which has no code, have neither. Cells that begin with `#| hide` or `#| default_exp` are folded in JupyterLab
and in Colab.
"""
import json, sys
from configparser import ConfigParser
from pathlib import Path
from fastcore.nbio import nb2str

ROOT = Path(__file__).resolve().parents[1]
BADGE = '[![Open in Colab]'
BARE = ('index', 'glossary')   # nothing to run on Colab

def settings():
    config = ConfigParser(delimiters=['='], interpolation=None)
    config.read(ROOT/'settings.ini', encoding='utf-8')
    return config['DEFAULT']

def badge(cfg, name):
    "The line that links a chapter, such as 00_data, to Colab"
    blob = f"{cfg['user']}/{cfg['repo']}/blob/{cfg['branch']}/nbs/{name}.ipynb"
    return (f'{BADGE}(https://colab.research.google.com/assets/colab-badge.svg)]'
            f'(https://colab.research.google.com/github/{blob})')

def colab_cell(cfg):
    "The code that installs the package on Colab, a wheel in the folder first, and does nothing elsewhere"
    name = cfg['lib_name']
    return f"""#| hide
import glob, importlib.util, subprocess, sys
if 'google.colab' in sys.modules and importlib.util.find_spec('{name}') is None:
    wheels = sorted(glob.glob('{name}-*.whl'))
    address = 'git+https://github.com/{cfg['user']}/{cfg['repo']}.git'
    source = wheels[-1] if wheels else address
    if subprocess.call([sys.executable, '-m', 'pip', 'install', '-q', source]):
        sys.exit(f'{{source}} cannot be installed. Make a wheel in a clone (make wheel), upload '
                 'it here from the folder dist, and run this cell again.')"""

def fold(cell):
    "Fold the code of a cell that a reader need not see, and of no other"
    metadata = cell['metadata']
    for key in 'jupyter', 'cellView': metadata.pop(key, None)
    if cell['cell_type'] == 'code' and ''.join(cell['source']).startswith(('#| hide', '#| default_exp')):
        metadata |= dict(jupyter=dict(source_hidden=True), cellView='form')

def updated(text, name, cfg):
    "The notebook's JSON as it should be"
    nb = json.loads(text)
    cells = {cell['id']: cell for cell in nb['cells']}
    if name not in BARE:
        title = nb['cells'][0]
        lines = ''.join(title['source']).split('\n')
        places = [i for i, line in enumerate(lines) if line.startswith(BADGE)]
        if len(places) != 1 or 'colab' not in cells:
            sys.exit(f'{name}: the first cell must have one line {BADGE}..., and one cell the id colab')
        lines[places[0]] = badge(cfg, name)
        title['source'] = '\n'.join(lines).splitlines(True)
        cells['colab']['source'] = colab_cell(cfg).splitlines(True)
    for cell in nb['cells']: fold(cell)
    return nb2str(nb)

def main(args):
    cfg, changed = settings(), []
    for path in sorted((ROOT/'nbs').glob('*.ipynb')):
        old = path.read_text(encoding='utf-8')
        new = updated(old, path.stem, cfg)
        if new == old: continue
        changed.append(path.name)
        if '--check' not in args: path.write_text(new, encoding='utf-8', newline='\n')
    names = ', '.join(changed)
    if '--check' in args and changed:
        sys.exit(f'Colab badge, Colab cell or folds out of date: {names}; run python tools/badges.py')
    print('Colab badges, Colab cells and folds:', f'{names} rewritten' if changed else 'up to date')

if __name__ == '__main__': main(sys.argv[1:])
