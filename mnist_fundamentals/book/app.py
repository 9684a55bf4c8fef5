"The drawing app: a pad, what the models see and say, and switches that break them"
import os, tempfile
from importlib import import_module, util
from pathlib import Path
import ipywidgets as widgets
import nbformat
import torch
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from ..draw import broken, rasterise, show_way, stroke_digit, to_mnist
from ..linear_classifier import batch_accuracy, digit_tensors
from ..pixel_similarity import mnist_distance
from .console import Problem, pip_command
from .execute import kernel_env
from .explorer import Explorer
from .models import book_models, mean_digits, saved_resnet18
from .pad import DrawPad, from_text, to_text
from .predict import in_words, predict
from .style import COLOURS, show_picture

def show_opinions(ax, opinions, accuracies):
    "A bar a model: to the right for a 3, to the left for a 7"
    for row, (name, (digit, sure)) in enumerate(opinions.items()):
        length = .5 if sure is None else sure - .5
        ax.barh(row, length if digit == 3 else -length, alpha=.35 if sure is None else 1,
                color=COLOURS[0] if digit == 3 else COLOURS[1])
    labels = [f'{name}\n{accuracies[name]:.3f} of valid' if name in accuracies else name
              for name in opinions]
    ax.set_yticks(range(len(labels)), labels, fontsize=7)
    ax.set_xticks([-.5, 0, .5], ['surely 7', '50%', 'surely 3'], fontsize=8)
    ax.set(xlim=(-.55, .55))
    ax.invert_yaxis()

def app_drawing(models, means, x, y):
    "The function that draws the app's eight plots, for its `Explorer`"
    def draw(axs, pad, centre, swap, bias, noise, hidden):
        "Blue speaks for a 3, red for a 7; in the tiles of the hidden units, blue raises the unit."
        drawn, axs = from_text(pad), axs.flatten()
        if drawn.max() == 0:
            for ax in axs: ax.axis('off')
            return 'The page is blank: draw a 3 or a 7.'
        seen, valid = (to_mnist(drawn) if centre else drawn), x
        if swap: seen, valid = 1 - seen, 1 - x
        unit = None if hidden == 'none' else hidden
        now = {name: model if name == 'resnet18' else broken(model, bias, noise, unit)
               for name, model in models.items()}
        opinions = {name: predict(model, seen) for name, model in now.items()}
        with torch.no_grad(): right = {name: batch_accuracy(model(valid), y).item()
                                       for name, model in now.items() if name != 'resnet18'}
        show_picture(axs[0], drawn, 'the drawing')
        show_picture(axs[1], seen, 'what the models see')
        for ax, d, m in zip(axs[2:], (3, 7), means):
            title = f'minus the mean {d}\ndistance {mnist_distance(seen, m):.3f}'
            show_picture(ax, seen - m, title, signed=True)
        show_opinions(axs[4], opinions, right)
        show_way(axs[5:], now['linear'], now['simple_net'], seen)
        return ' · '.join(f'{name}: {in_words(*said)}' for name, said in opinions.items())
    return draw

def digit_app(
    models=None,   # as from `book_models`; trained now, with a saved resnet18, when None
) -> Explorer:     # with a pad, a slider, three switches and a menu
    "Draw a digit; see what the models see, what they say and why; then break them"
    if models is None: models = book_models() | saved_resnet18()
    pad, means = DrawPad(), mean_digits()
    pad.image = rasterise(stroke_digit(3, 16, .2, (17., 15.)))
    switch = lambda value, text: widgets.Checkbox(value, description=text, indent=False)
    units = models['simple_net'][-1].in_features
    controls = dict(
        centre=switch(True, 'centre and scale, as MNIST was'),
        swap=switch(False, 'swap the colours'), bias=switch(True, 'biases'),
        hidden=widgets.Dropdown(options=['none', *range(units)], description='silence unit'),
        noise=widgets.FloatSlider(0, min=0, max=3, step=.25, description='noise'))
    pages = {'clear': torch.zeros(28, 28), 'a 3': pad.image, 'a 7': rasterise(stroke_digit(7, 18)),
             'a small 7': rasterise(stroke_digit(7, 10, centre=(21., 21.)), 1.5)}
    def show(image): return lambda app: app.sliders['pad'].set_trait('value', to_text(image))
    buttons = [(name, show(image)) for name, image in pages.items()]
    app = Explorer(app_drawing(models, means, *digit_tensors('valid', device='cpu')), buttons,
                   ncols=4, nrows=2, size=(10.5, 5.4), pad=pad, **controls)
    row = app.children[len(app.sliders)]
    tools = widgets.VBox([row, *controls.values()])
    app.children = [widgets.HBox([pad, tools]), *app.children[len(app.sliders)+1:]]
    return app

TITLE = '# Draw a 3 or a 7\n\nThe models train for a few seconds, then the pad opens.'
CODE = '''from mnist_fundamentals.book.app import digit_app
from mnist_fundamentals.book.style import use_book_style
use_book_style()
digit_app()'''

def draw(args):
    "The command: serve the app as a page, by Voila"
    if not util.find_spec('voila'): raise Problem(f'Voila is missing: {pip_command("app")}')
    os.environ['PYTHONPATH'] = kernel_env()['PYTHONPATH']
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder)/'draw.ipynb'
        nbformat.write(new_notebook(cells=[new_markdown_cell(TITLE), new_code_cell(CODE)]), page)
        options = [f'--port={args.port}']*(args.port is not None) + ['--no-browser']*args.no_browser
        import_module('voila.app').main([str(page), '--Voila.ip=127.0.0.1', *options])
    return 0
