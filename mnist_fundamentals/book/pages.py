"An executed notebook as a page that loads nothing from the network"
import re
from copy import deepcopy
import nbformat
from jinja2 import DictLoader
from latex2mathml.converter import convert
from nbconvert import HTMLExporter

FORMULA = r'(?s)(?P<code>```.*?```|`[^`]*`)|(?<!\\)(?P<mark>\$\$?)(?P<tex>[^$]+)(?P=mark)'
WIDGET = 'application/vnd.jupyter.widget-view+json'
WIDGETS = 'application/vnd.jupyter.widget-state+json'

def formula(match):
    "A match of $TeX$ as MathML, which browsers draw: a page needs no MathJax and no fonts"
    display = 'block' if match['mark'] == '$$' else 'inline'
    return match[0] if match['code'] else convert(match['tex'].strip(), display=display)

def html_page(nb, title):
    "An executed notebook as one HTML page that loads nothing from the network"
    nb = deepcopy(nb)
    nb.cells = [c for c in nb.cells if not re.match(r'#\| (hide|default_exp)', c.source)]
    for cell in nb.cells:
        if cell.cell_type != 'markdown': continue
        text = re.sub(r'!\[([^]]*)\]\(https?:[^)]*\)', r'\1', cell.source)   # badges: their words
        cell.source = re.sub(FORMULA, formula, text)
    page = "{% extends 'index.html.j2' %}"
    for name in 'requirejs', 'mathjax', 'mermaidjs':   # what nbconvert's page loads from a CDN
        page += f'{{% block html_head_js_{name} %}}{{% endblock %}}'
    exporter = HTMLExporter(extra_loaders=[DictLoader({'page.j2': page})], template_file='page.j2')
    exporter.log.setLevel('ERROR')
    return exporter.from_notebook_node(nb, dict(metadata=dict(name=title)))[0]

def drawn_by_interact(view, states):   # states: model_id to widget, as the notebook's metadata has them
    "The outputs that a widget holds in itself: those of the function under `@interact`"
    def state(model_id): return states.get(model_id, {}).get('state', {})
    children = state(view['model_id']).get('children', [])
    return [nbformat.from_dict(output) for child in children
            for output in state(child.removeprefix('IPY_MODEL_')).get('outputs', [])]

def drop_widgets(nb):
    "Leave of each widget its still picture: what a page shows without a kernel"
    states = nb.metadata.pop('widgets', {}).get(WIDGETS, {}).get('state', {})
    for cell in nb.cells:
        for i, output in reversed(list(enumerate(cell.get('outputs', [])))):
            view = output.get('data', {}).pop(WIDGET, None)
            if view and (drawn := drawn_by_interact(view, states)): cell.outputs[i:i+1] = drawn

def save_pages(nb, name, out):
    "Write an executed notebook and its HTML page"
    drop_widgets(nb)
    nbformat.write(nb, out/f'{name}.ipynb')
    (out/f'{name}.html').write_text(html_page(nb, name), encoding='utf-8')
