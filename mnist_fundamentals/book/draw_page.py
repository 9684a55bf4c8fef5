"The command that serves the drawing app as a page, by Voila; torch is loaded by the page's kernel alone"
import json, os, tempfile
from importlib import import_module, util
from pathlib import Path
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from .console import Problem, pip_command
from .execute import kernel_env

TITLE = '''# Draw a digit

The answer moves with your pen. (At the first opening the models of the book train: that takes about 20 seconds,
once. They are kept.)'''
CODE = '''from ipywidgets import VBox
from mnist_fundamentals.book.app import digit_app
VBox([digit_app()])'''

# Voila's page, but for what it loads from other hosts: fonts with icons, require.js, MathJax, Mermaid
TEMPLATE = '''{% extends 'voila/templates/lab/index.html.j2' %}
{% import 'spinner.macro.html.j2' as spinner %}
{% block notebook_css %}
{{ resources.include_js('static/voila-style.js') }}
{{ spinner.css() }}
<style>.jp-mod-noOutputs.jp-mod-noInput { display: none }</style>
{{ super.super() }}
{% endblock %}
{% block html_head_js_requirejs %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}'''

def write_page(folder) -> Path:
    "A notebook with the app, and the template `digits`, where JUPYTER_PATH leads Voila to it"
    template, page = Path(folder)/'voila'/'templates'/'digits', Path(folder)/'draw.ipynb'
    template.mkdir(parents=True)
    (template/'index.html.j2').write_text(TEMPLATE, encoding='utf-8')
    (template/'conf.json').write_text(json.dumps(dict(base_template='lab')), encoding='utf-8')
    nbformat.write(new_notebook(cells=[new_markdown_cell(TITLE), new_code_cell(CODE)]), page)
    return page

def draw(args):
    "The command: serve the app as a page, by Voila"
    if not util.find_spec('voila'): raise Problem(f'Voila is missing: {pip_command("app")}')
    os.environ['PYTHONPATH'] = kernel_env()['PYTHONPATH']
    with tempfile.TemporaryDirectory() as folder:
        page = write_page(folder)
        os.environ['JUPYTER_PATH'] = os.pathsep.join(filter(None, [folder, os.getenv('JUPYTER_PATH')]))
        options = [f'--port={args.port}']*(args.port is not None) + ['--no-browser']*args.no_browser
        import_module('voila.app').main([str(page), '--Voila.ip=127.0.0.1', '--template=digits',
                                         '--progressive_rendering=True', *options])
    return 0
