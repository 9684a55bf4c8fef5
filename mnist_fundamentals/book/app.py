"The drawing app: a pad, what the models say while one draws, and switches that break them"
import json, os, tempfile
from functools import lru_cache
from importlib import import_module, util
from pathlib import Path
import ipywidgets as widgets
import torch
from IPython.display import clear_output
from torch import nn
from ..draw import broken, rasterise, stroke_digit, to_mnist
from .answers import AnswerSheet, answers
from .console import Problem, pip_command
from .execute import kernel_env
from .explorer import Explorer, draw_png
from .models import kept_models
from .pad import DrawPad, from_text, to_text
from .style import COLOURS, show_picture

def has_windows(model): return any(isinstance(layer, nn.Conv2d) for layer in model.modules())

class DigitApp(Explorer):
    "A pad beside a sheet that changes with each move of the pen"
    def __init__(self, models, buttons, **controls):   # `controls`: pad and switches
        self.sheet, self.pad = AnswerSheet(), controls['pad']
        self.broken = lru_cache(1)(lambda *how: {
            name: model if has_windows(model) else broken(model, *how) for name, model in models.items()})
        super().__init__(self.draw_still, buttons, ncols=2, size=(8, 3), **controls)
        pad, *switches = controls.values()
        row, caption, column = self.children[len(controls)], widgets.HTML(self.text), dict(width='300px', flex='none')
        row.layout.flex_flow = 'row wrap'
        for control in row.children: control.layout.width = 'auto'
        for control in switches: control.layout.width = '290px'
        left = widgets.VBox([pad, row, *switches, caption], layout=column)
        self.children = [widgets.HBox([left, self.sheet], layout=dict(flex_flow='row wrap'))]
        self.remove_class('explorer')
        self.add_class('digit-app')

    def seen(self, pad, centre, swap, bias, noise, hidden):   # the values of the controls
        "The picture that the models see, or None, and the models as they are now"
        drawn = from_text(pad)
        if drawn.max() == 0: return None, self.broken(True, 0., None)
        image = to_mnist(drawn) if centre else drawn
        return 1 - image if swap else image, self.broken(bias, noise, None if hidden == 'none' else hidden)

    def redraw(self, change=None):
        image, models = self.seen(**self.values())
        self.sheet.page, words = answers(models, image)
        self.readout.value = ' · '.join(f'{name}: {said}' for name, said in words.items()) or self.sheet.page['said']

    def draw_still(self, axs, **values):   # for a page without a kernel; the docstring is the caption everywhere
        "Biases, noise and a silent unit break the models of linear layers alone, such as linear and ten_simple_net."
        show_picture(axs[0], self.pad.image, 'the drawing')
        digits, found = zip(*self.sheet.page['bars'])
        axs[1].barh([str(digit) for digit in digits], found, color=COLOURS[0])
        axs[1].set(xlim=(0, 1), title=self.sheet.page['said'], xlabel=self.sheet.page['who'])
        axs[1].invert_yaxis()

    def _repr_mimebundle_(self, **kwargs):
        self.still = draw_png(self.draw, *self.grid)[0]
        return super()._repr_mimebundle_(**kwargs)

def digit_app(
    models=None,   # as from `book_models` or `kept_models`, which it is when None
) -> DigitApp:     # with a pad, a slider, three switches and a menu
    "Draw a digit; see what the models see, what they say and why; then break them"
    if models is None:
        models = kept_models()
        clear_output(wait=True)   # what was said of their training: it is over
    switch = lambda value, text: widgets.Checkbox(value, description=text, indent=False)
    controls = dict(
        pad=DrawPad(),
        centre=switch(True, 'centre and scale, as MNIST was'),
        swap=switch(False, 'swap the colours'), bias=switch(True, 'biases'),
        noise=widgets.FloatSlider(0, min=0, max=3, step=.25, description='noise'),
        hidden=widgets.Dropdown(options=['none', *range(models['simple_net'][-1].in_features)],
                                description='silence unit'))
    pages = {'clear': torch.zeros(28, 28), 'a 3': rasterise(stroke_digit(3, 16, .2, (17., 15.))),
             'a 5': rasterise(stroke_digit(5, 16, .2, (11., 14.))), 'an 8': rasterise(stroke_digit(8, 18)),
             'a small 7': rasterise(stroke_digit(7, 10, centre=(21., 21.)), 1.5)}
    controls['pad'].image = pages['a 5']
    def show(image): return lambda app: app.pad.set_trait('value', to_text(image))
    return DigitApp(models, [(name, show(image)) for name, image in pages.items()], **controls)

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
    import nbformat   # takes a second, which the app's kernel need not wait for
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
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
