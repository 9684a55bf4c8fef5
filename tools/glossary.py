"""What the book sets in bold, and the entries of nbs/glossary.ipynb, which explain it.

    python tools/glossary.py          # set the link of each entry to where its term comes first
    python tools/glossary.py --check  # exit 1 if a link is another, or a term in bold has no entry

Both list the terms that lack an entry. An entry is a heading `### term`, a text, and at its end the link; what
the text sets in bold is another name of the same thing. Singular and plural are the same.
"""
import json, re, sys
from functools import cache
from pathlib import Path
from fastcore.nbio import nb2str

ROOT = Path(__file__).resolve().parents[1]
GLOSSARY = ROOT/'nbs'/'glossary.ipynb'
LINK = re.compile(r' First in \[[^]]*\]\(([^)]*)\)\.$')
STRESSED = {   # bold, but no term
    'u', 'int', '8', 'adds', 'measure', 'mechanism', 'initialise', 'predict', 'step', 'repeat', 'stop',
    'each operation knows its own rates', 'accuracy is a metric, and cannot be a loss', 'is the digit even?', 'is it even?',
    'hidden unit 1', 'not centred', 'colours swapped', 'the original', 'a watch', 'a bank', 'a lecture hall'}
ASIDE = re.compile(r'title|questions|further|exercise|solution')   # cells that explain no term

def notebooks():
    "The chapters in their order, the appendices and what comes after"
    return [p for p in sorted((ROOT/'nbs').glob('*.ipynb')) if p.stem not in ('index', GLOSSARY.stem)]

def blank(text):
    "A Markdown text of the same length without blocks of code, and without code that has two stars in it"
    emptied = lambda match: ' '*len(match[0]) if '**' in match[0] or '\n' in match[0] else match[0]
    return re.sub(r'`[^`\n]+`', emptied, re.sub(r'(?s)```.*?```', emptied, text))

def key(term):
    "A term as it is compared: without case, code marks and plural"
    return re.sub(r's$', '', term.strip('` ').lower())

def bold(text):
    "The terms in bold, as matches: no sentences, no titles of notes, no numbers of exercises"
    for match in re.finditer(r'(?m)(^> )?\*\*([^*\n]+)\*\*', blank(text)):
        aside = match[1] or match[2].endswith('.') or re.fullmatch(r'\w+\.\d+', match[2])
        if not aside and match[2].lower() not in STRESSED: yield match

def read(path):
    "(id, text) of a notebook's Markdown cells"
    cells = json.loads(path.read_text(encoding='utf-8'))['cells']
    return [(cell['id'], ''.join(cell['source'])) for cell in cells if cell['cell_type'] == 'markdown']

def headings(path): return [h for _, text in read(path) for h in re.findall(r'(?m)^#{1,6} (.+?) *$', blank(text))]

@cache
def passages():
    "A list of (notebook, heading, id of the cell, text) of all prose, in the book's order"
    found = []
    for path in notebooks():
        heading = ''
        for name, text in read(path):
            before, *rest = re.split(r'(?m)^#{1,6} (.+?) *$', blank(text))
            for heading, part in [(heading, before), *zip(rest[::2], rest[1::2])]: found.append((path, heading, name, part))
    return found

def entries(path=GLOSSARY):
    "Name to text of each entry"
    found = [pair for _, text in read(path) for pair in re.findall(r'(?ms)^### ([^\n]+)\n+(.*?)\s*(?=^#|\Z)', text)]
    if len(dict(found)) < len(found): sys.exit('an entry is there twice')
    return dict(found)

def names(name, text):
    "What an entry explains, as keys"
    return {key(name), *(key(match[2]) for match in bold(text))}

def terms(found=None):
    "Key to entry, for every name of every entry"
    return {k: name for name, text in (found or entries()).items() for k in names(name, text)}

def missing():
    "(term, notebook, heading) of each term in bold without an entry"
    known, found = terms(), {}
    for path, heading, _, text in passages():
        for match in bold(text):
            if key(match[2]) not in known: found.setdefault(key(match[2]), (match[2], path.stem, heading))
    return list(found.values())

def first(keys):
    "(notebook, heading) of the first bold use of a term, else of the first in italics, else of the first"
    words = '|'.join(re.escape(k) + 's?' for k in sorted(keys, key=len, reverse=True))
    uses = [lambda text: any(key(match[2]) in keys for match in bold(text)),
            lambda text: re.search(rf'(?i)(?<![\w*])\*({words})\*', text),
            lambda text: re.search(rf'(?i)(?<!\w)({words})(?!\w)', text)]
    for i, used in enumerate(uses):
        for path, heading, name, text in passages():
            if used(text) and (i == 0 or not ASIDE.match(name)): return path, heading
    raise LookupError(f'nowhere in the book: {", ".join(sorted(keys))}')

def link(path, heading):
    "A link to a section, in JupyterLab's form"
    number = re.match(r'(\d+)_', path.name)
    label = f'chapter {int(number[1])}' if number else headings(path)[0].lower()
    return f'[{label}]({path.name}#{heading.replace(" ", "-")})'

def linked(name, text): return f'{LINK.sub("", text)} First in {link(*first(names(name, text)))}.'

def main(args):
    nb, changed = json.loads(GLOSSARY.read_text(encoding='utf-8')), []
    right = {name: linked(name, text) for name, text in entries().items()}
    for cell in nb['cells']:
        source = ''.join(cell['source'])
        for name, text in entries().items():
            old, new = (f'### {name}\n\n{t}' for t in (text, right[name]))
            if old != new and old in source: source, changed = source.replace(old, new), [*changed, name]
        cell['source'] = source.splitlines(True)
    if changed and '--check' not in args: GLOSSARY.write_text(nb2str(nb), encoding='utf-8', newline='\n')
    lacking = missing()
    for term, stem, heading in lacking: print(f'no entry: {term} ({stem}, {heading})')
    if changed: print('links to other sections:', ', '.join(changed))
    if '--check' in args and (changed or lacking): sys.exit('mend nbs/glossary.ipynb; python tools/glossary.py sets links')
    print(f'{len(right)} entries')

if __name__ == '__main__': main(sys.argv[1:])
