"""Build the site in _site/html: the notebooks, a page for each module, and the pages of docs/.

    python tools/docs.py   # then open _site/html/index.html

Every notebook in nbs/ becomes a page: the chapters in the order of their numbers, then the rest. It
needs no network, and neither does the site. What the interactive pages need to know (the parameters
of three trained models, the explorers' points and sliders) goes to _static/parameters.js.
"""
import inspect, json, re, shutil, sys, textwrap
from base64 import b64encode
from importlib import import_module
from pathlib import Path
from badges import BADGE, settings
from glossary import bold, key, terms
from readme import figure_text, options

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT/'_site'
READ = ['teaching']   # pages of docs/ with nothing to try on them
EXPLORERS = ['quad', 'relu', 'double_relu']   # those that docs/_static/explorers.js can draw
SCRIPTS = '<script src="_static/parameters.js"></script>\n<script src="_static/explorers.js"></script>'

# The notebooks

def github(path=''):
    "Where a file of the repository can be seen"
    cfg = settings()
    return f"https://github.com/{cfg['user']}/{cfg['repo']}/blob/{cfg['branch']}/{path}"

def links(badge, name):
    "The Colab badge, which is a picture from the network, as a line of two links"
    url = re.search(r'\(([^)]+)\)$', badge)[1]
    return (f'{{.page-links}}\n[Open in Colab]({url}) '
            f'{{download}}`Download the notebook <notebooks/{name}.ipynb>`')

def slug(heading):
    "The anchor of a heading on the site; JupyterLab's form of it gives the same"
    return re.sub(r'[^\w-]', '', heading.lower().replace(' ', '-'))

def with_terms(text, entries):
    "A Markdown cell whose terms in bold lead to the glossary; each is taken out of `entries`, key to entry"
    parts, end = [], 0
    for match in bold(text):
        entry = entries.get(key(match[2]))
        if not entry or text[match.start() - 1:match.start()] == '[': continue
        for name in [k for k, e in entries.items() if e == entry]: del entries[name]
        parts += [text[end:match.start()], f'[{match[0]}](glossary.ipynb#{slug(entry)})']
        end = match.end()
    return ''.join([*parts, text[end:]])

def prose(text, name):
    "A Markdown cell for the site"
    text = re.sub(rf'(?m)^{re.escape(BADGE)}.*$', lambda m: links(m[0], name), text)
    text = re.sub(r'\]\((\w+\.ipynb|)#([^)]+)\)', lambda m: f']({m[1]}#{slug(m[2])})', text)
    text = re.sub(r'\]\(\.\./docs/(\w+\.md)\)', r'](\1)', text)
    return re.sub(r'\]\(\.\./([^)]+)\)', lambda m: f']({github(m[1])})', text)

def code(cell):
    "A code cell for the site, or None if the reader need not see it"
    marks = options(cell['source'])
    if 'hide' in marks or any(mark.startswith('default_exp') for mark in marks): return
    source = re.sub(r'(?m)^#\|.*\n?', '', cell['source'])
    folded = 'hide-input' if cell['id'] in ('imports', 'lesson-imports') else None
    tag = 'remove-input' if 'echo: false' in marks else folded
    metadata = {'tags': [tag] if tag else []}
    if any('image/png' in output.get('data', {}) for output in cell['outputs']):
        metadata['mystnb'] = {'image': {'alt': figure_text(cell)}}
    return cell | dict(source=source, metadata=metadata)

def alive(cell):
    "For a cell that shows an explorer: the same one for the page, which takes the picture's place"
    found = re.match(r'\w+ = (\w+)_explorer\((.*)\)\n\w+$', cell['source'])
    if cell['cell_type'] != 'code' or not found or found[1] not in EXPLORERS: return []
    data = f'data-explorer="{found[1]}" data-instead'
    return [markdown(cell['id'], f'<div class="explorer" {data}></div>')]

def page(nb, name):
    "A notebook as the site shows it"
    cells, entries = [], {} if name in ('index', 'glossary') else terms()
    for cell in nb['cells']:
        cell['source'] = ''.join(cell['source'])
        if cell['cell_type'] == 'code': cell = code(cell)
        else: cell['source'] = prose(with_terms(cell['source'], entries), name)
        if cell: cells += [cell, *alive(cell)]
    if any('data-explorer' in cell['source'] for cell in cells):
        cells.append(markdown('scripts', SCRIPTS))
    return nb | dict(cells=cells)

def markdown(name, text):
    return dict(cell_type='markdown', id=f'site-{name}', metadata={}, source=text)

def title(nb): return re.match(r'# (.+)', nb['cells'][0]['source'])[1]

# The modules

class Shown(str):
    "A default that is a function or a class, as its name and not as its address"
    __repr__ = str.__str__

def signature(name, f):
    "A call, with the defaults and without the types"
    sig = inspect.signature(f)
    default = lambda value: Shown(value.__name__) if hasattr(value, '__name__') and value is not sig.empty else value
    bare = [p.replace(annotation=p.empty, default=default(p.default))
            for p in sig.parameters.values() if p.name != 'self']
    sig = sig.replace(parameters=bare, return_annotation=sig.empty)
    return textwrap.fill(f'{name}{sig}', 72, subsequent_indent='    ', break_long_words=False)

def arguments(f):
    "The docments of a function as a table"
    from fastcore.docments import docments
    def row(name, doc):
        default = doc['default']
        shown = '' if default is inspect.Parameter.empty else f'`{getattr(default, "__name__", repr(default))}`'
        return f"| {name} | {shown} | {doc['docment'] or ''} |"
    docs = {name: doc for name, doc in docments(f, full=True).items() if name != 'self'}
    if not any(doc['docment'] for doc in docs.values()): return ''
    rows = [row('gives' if name == 'return' else f'`{name}`', doc) for name, doc in docs.items()]
    return '\n'.join(['| argument | default | what it is |', '|---|---|---|', *rows])

def entry(name, thing, level='##'):
    "The documentation of a function or a class"
    bare = inspect.unwrap(thing)
    source, line = Path(inspect.getsourcefile(bare)), inspect.getsourcelines(bare)[1]
    url = github(f'{source.relative_to(ROOT).as_posix()}#L{line}')
    parts = [f'{level} {name}', f'```python\n{signature(name, thing)}\n```',
             inspect.getdoc(thing) or '', arguments(thing), f'[Source of {name}]({url})']
    if inspect.isclass(thing):
        parts += [entry(f'{name}.{n}', method, '###') for n, method in vars(thing).items()
                  if inspect.isfunction(method) and not n.startswith('_')]
    return '\n\n'.join(filter(None, parts))

def module_page(module, chapter, chapter_title):
    "Everything that a chapter exports"
    mod = import_module(f'mnist_fundamentals.{module}')
    things = {name: getattr(mod, name) for name in mod.__all__}
    return '\n\n'.join([f'# {module}', f'> {mod.__doc__}',
        f'`mnist_fundamentals.{module}` is built in [{chapter_title}](../{chapter}.ipynb).',
        *(entry(name, thing) for name, thing in things.items()
          if inspect.isfunction(thing) or inspect.isclass(thing))])

# What the interactive pages need to know

def layers(model):
    "The layers of a model for docs/_static/digits.js, each number as four bytes in base64"
    from torch import nn
    from torch.nn.utils.fusion import fuse_conv_bn_eval
    text = lambda t: b64encode(t.detach().cpu().numpy().astype('<f4').tobytes()).decode()
    def numbers(layer): return dict(weight=text(layer.weight), bias=text(layer.bias))
    found, side = [], 28
    for layer, after in zip(model, [*model[1:], None]):   # batch norm becomes a part of its convolution
        if isinstance(layer, nn.Conv2d):
            found.append(dict(kind='conv', size=layer.kernel_size[0], stride=layer.stride[0],
                              **numbers(fuse_conv_bn_eval(layer, after))))
            side //= layer.stride[0]
        elif isinstance(layer, nn.Linear): found.append(dict(kind='linear', **numbers(layer)))
        elif isinstance(layer, nn.ReLU): found.append(dict(kind='relu'))
        elif isinstance(layer, nn.MaxPool2d):
            found.append(dict(kind='pool', side=side))
            side //= 2
    return found

def quadratic_points(nb):
    "x and y of chapter 2, made by the two cells that make them there"
    import numpy as np, torch
    from mnist_fundamentals.quadratic import add_noise
    names = dict(np=np, torch=torch, add_noise=add_noise)
    cells = {cell['id']: ''.join(cell['source']) for cell in nb['cells']}
    for name in 'f-code', 'data': exec(cells[name], names)
    return names['x'], names['y']

def explorer(widget, **more):
    "The sliders and the description of an explorer"
    sliders = {name: {key: getattr(slider, key) for key in ('min', 'max', 'step', 'value')}
               for name, slider in widget.sliders.items()}
    return dict(text=widget.text, sliders=sliders, **more)

def parameters(quadratic):
    "All of it, given chapter 2's notebook"
    from mnist_fundamentals.book.explorers import double_relu_explorer, quad_explorer, relu_explorer
    from mnist_fundamentals.book.models import kept
    x, y = quadratic_points(quadratic)
    points = [[float(a), float(b)] for a, b in zip(x, y)]
    return dict(
        models={name: layers(kept(name)) for name in ('ten_linear', 'ten_simple_net', 'ten_convnet')},
        explorers=dict(quad=explorer(quad_explorer(x, y), points=points),
                       relu=explorer(relu_explorer()),
                       double_relu=explorer(double_relu_explorer())))

# All together

def tries():
    "Links to the interactive pages"
    titles = {path.name: path.read_text(encoding='utf-8').partition('\n')[0][2:]
              for path in sorted((ROOT/'docs').glob('*.md')) if path.stem not in READ}
    links = [f'[{title.lower()}]({name})' for name, title in titles.items()]
    return f'On this site, with nothing to install: {", ".join(links)}.'

def toctree(caption, entries):
    return '\n'.join(['```{toctree}', ':hidden:', f':caption: {caption}', '', *entries, '```'])

def contents(pages, modules):
    "The order of the pages, as the landing page's last cell"
    chapters = [f'{int(name[:2])} {title(nb)} <{name}>' for name, nb in pages.items() if name[0].isdigit()]
    appendices = [name for name in pages if name.startswith('appendix')]
    more = [name for name in pages if not name[0].isdigit() and name not in ('index', *appendices)]
    tried = sorted({path.stem for path in (ROOT/'docs').glob('*.md')} - set(READ))
    groups = {'Chapters': chapters, 'Appendices': appendices, 'Try it': tried, 'More': [*more, *READ],
              'Modules': [f'api/{module}' for module in modules]}
    return '\n\n'.join(toctree(caption, entries) for caption, entries in groups.items() if entries)

def exported(nb):
    "The module that a notebook exports to, if any"
    found = [re.match(r'#\| default_exp (\w+)', ''.join(cell['source'])) for cell in nb['cells']]
    return next((match[1] for match in found if match), None)

def gather(source):
    "Write everything that Sphinx reads into the folder `source`"
    (source/'api').mkdir(parents=True)
    (source/'notebooks').mkdir()
    pages, modules = {}, []
    for path in sorted((ROOT/'nbs').glob('*.ipynb')):
        shutil.copy(path, source/'notebooks')          # as it is, to download
        nb = json.loads(path.read_text(encoding='utf-8'))
        pages[path.stem] = page(nb, path.stem)
        if module := exported(nb):
            modules.append(module)
            text = module_page(module, path.stem, title(pages[path.stem]))
            (source/'api'/f'{module}.md').write_text(text, encoding='utf-8')
    pages['index']['cells'].insert(2, markdown('try', tries()))
    pages['index']['cells'].append(markdown('contents', contents(pages, modules)))
    for name, nb in pages.items():
        (source/f'{name}.ipynb').write_text(json.dumps(nb), encoding='utf-8')
    for path in (ROOT/'docs').glob('*.md'): shutil.copy(path, source)

def main(site=SITE):
    from sphinx.cmd.build import main as sphinx
    site = Path(site)
    for part in 'source', 'html': shutil.rmtree(site/part, ignore_errors=True)
    gather(site/'source')
    code = sphinx(['-q', '-W', '--keep-going', '-c', str(ROOT/'docs'), '-d', str(site/'doctrees'),
                   str(site/'source'), str(site/'html')])
    if code: sys.exit(code)
    quadratic = json.loads((ROOT/'nbs'/'02_quadratic.ipynb').read_text(encoding='utf-8'))
    data = f'const BOOK = {json.dumps(parameters(quadratic))}\n'
    (site/'html'/'_static'/'parameters.js').write_text(data, encoding='utf-8')
    print(f'{len(list((site/"html").rglob("*.html")))} pages: open {site/"html"/"index.html"}')

if __name__ == '__main__': main(*sys.argv[1:])
