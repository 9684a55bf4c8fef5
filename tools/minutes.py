"""Set how long the notebooks take to read: each in docs/teaching.md, all together in nbs/index.ipynb.

    python tools/minutes.py     # then make readme

A minute is 200 words or twelve lines of code; minutes are rounded to five, the sum to half an hour.
"""
import json, re
from pathlib import Path
from fastcore.nbio import nb2str

ROOT = Path(__file__).resolve().parents[1]
TABLE, INDEX = ROOT/'docs'/'teaching.md', ROOT/'nbs'/'index.ipynb'
HOURS = re.compile(r'about (\d+)(½?) hours')

def chapters():
    folder = ROOT/'nbs'
    return [*sorted(folder.glob('[0-9][0-9]_*.ipynb')), *sorted(folder.glob('appendix_*.ipynb'))]

def minutes(path):
    "Words and visible lines of a notebook, as minutes"
    cells = json.loads(path.read_text(encoding='utf-8'))['cells']
    texts = lambda kind: [''.join(c['source']) for c in cells if c['cell_type'] == kind]
    words = sum(len(text.split()) for text in texts('markdown'))
    lines = [line for text in texts('code') if not re.match(r'#\| *(hide|default_exp)', text)
             for line in text.splitlines() if line.strip() and not line.startswith('#|')]
    return words/200 + len(lines)/12

def table(text):
    "The teacher's page with the minutes of today"
    for path in chapters():
        row = rf'(?m)(^\| \[[^]]*\]\({path.stem}\.ipynb\) \|) \d+ \|'
        if not re.search(row, text): print(f'{TABLE.name} has no row for {path.stem}')
        text = re.sub(row, rf'\1 {5*round(minutes(path)/5)} |', text)
    return text

def hours():
    "All chapters, in halves of an hour, as text"
    whole, half = divmod(round(sum(map(minutes, chapters()))/30), 2)
    return f'about {whole}{"½"*half} hours'

def main():
    TABLE.write_text(table(TABLE.read_text(encoding='utf-8')), encoding='utf-8', newline='\n')
    nb = json.loads(INDEX.read_text(encoding='utf-8'))
    for cell in nb['cells']:
        if cell['id'] == 'reading': cell['source'] = HOURS.sub(hours(), ''.join(cell['source'])).splitlines(True)
    INDEX.write_text(nb2str(nb), encoding='utf-8', newline='\n')
    print(f'{len(chapters())} chapters, {hours()}')

if __name__ == '__main__': main()
