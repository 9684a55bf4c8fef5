"What the test modules share"
import json, os
from pathlib import Path
import hypothesis

os.environ.setdefault('MPLBACKEND', 'agg')   # no windows
hypothesis.settings.register_profile('repeatable', derandomize=True)   # the same examples in every run
hypothesis.settings.load_profile('repeatable')

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = [*sorted((ROOT/'nbs').glob('[0-9][0-9]_*.ipynb')), *sorted((ROOT/'nbs').glob('appendix_*.ipynb'))]

def read_cells(path):
    "The cells of a notebook, each with its source and its outputs' texts in one piece"
    cells = json.loads(path.read_text(encoding='utf-8'))['cells']
    for cell in cells:
        cell['source'] = ''.join(cell['source'])
        for output in cell.get('outputs', []):
            for holder in output, output.get('data', {}):
                holder.update({k: ''.join(v) for k, v in holder.items()
                               if isinstance(v, list) and all(isinstance(s, str) for s in v)})
    return cells

def settings():
    "The package's metadata"
    from configparser import ConfigParser
    config = ConfigParser(delimiters=['='], interpolation=None)
    config.read(ROOT/'settings.ini', encoding='utf-8')
    return config['DEFAULT']
