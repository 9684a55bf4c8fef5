"""Make README.md, and the figures that it shows, from nbs/index.ipynb.

    python tools/readme.py          # write them
    python tools/readme.py --check  # exit 1 with the difference if they are out of date

A cell with `#| hide` is left out, one with `#| echo: false` keeps its output alone. A figure goes
to nbs/images/CELL-ID.png. Links that are relative to nbs/ are made relative to the repository's
root.
"""
import base64, difflib, json, re, sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = '<!-- Made from nbs/index.ipynb: edit the notebook, then run `make readme`. -->'

def from_root(text):
    "Markdown with its relative links, which start from nbs/, starting from the root"
    link = r'(\]\(|(?:src|href)=")(?![a-z]+:|#|/)([^)"]+)'
    place = lambda path: path[3:] if path.startswith('../') else f'nbs/{path}'
    return re.sub(link, lambda m: m[1] + place(m[2]), text)

def options(source):
    "The `#| option` lines of a cell, without the mark"
    return [line[2:].strip() for line in source.splitlines() if line.startswith('#|')]

def fence(text, language=''): return f'```{language}\n{text.rstrip()}\n```'

def figure(cell, output, images):
    "A link to the output's picture, or None; the picture's bytes go to `images`"
    if 'image/png' not in output.get('data', {}): return None
    path = f'nbs/images/{cell["id"]}.png'
    images[path] = base64.b64decode(''.join(output['data']['image/png']))
    return f'![{figure_text(cell)}]({path})'

def figure_text(cell):
    "What the figure shows, for those who cannot see it: the option `fig-alt`"
    found = [option.partition(':')[2].strip() for option in options(''.join(cell['source']))
             if option.startswith('fig-alt')]
    if not found: raise ValueError(f'cell {cell["id"]} draws a figure: add a line #| fig-alt: ...')
    return found[0]

def code(cell, images):
    "A code cell and its outputs as Markdown"
    source = ''.join(cell['source'])
    if 'hide' in options(source): return
    if 'echo: false' not in options(source):
        yield fence(re.sub(r'(?m)^#\|.*\n', '', source), 'python')
    for output in cell['outputs']:
        text = output.get('text') or output.get('data', {}).get('text/plain')
        yield figure(cell, output, images) or fence(''.join(text))

def render(nb):
    "README.md's text, and path to bytes of the figures"
    parts, images = [HEAD], {}
    for cell in nb['cells']:
        if cell['cell_type'] == 'markdown': parts.append(from_root(''.join(cell['source'])))
        else: parts += code(cell, images)
    return '\n\n'.join(parts) + '\n', images

def main(args):
    text, images = render(json.loads((ROOT/'nbs'/'index.ipynb').read_text(encoding='utf-8')))
    files = {'README.md': text.encode()} | images
    old = {name: (ROOT/name).read_bytes() if (ROOT/name).exists() else b'' for name in files}
    changed = [name for name in files if files[name] != old[name]]
    if '--check' not in args:
        for name in changed:
            (ROOT/name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT/name).write_bytes(files[name])
        return print('README.md:', f'{", ".join(changed)} written' if changed else 'up to date')
    was, now = old['README.md'].decode().splitlines(True), text.splitlines(True)
    sys.stdout.writelines(difflib.unified_diff(was, now, 'README.md', 'nbs/index.ipynb'))
    if changed: sys.exit(f'{", ".join(changed)} out of date: run make readme')
    print('README.md: up to date')

if __name__ == '__main__': main(sys.argv[1:])
