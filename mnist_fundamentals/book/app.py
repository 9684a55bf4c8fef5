"The drawing app: a pad, what the models say while one draws, and switches that break them"
from functools import lru_cache
import ipywidgets as widgets
import torch
from IPython.display import clear_output
from torch import nn
from ..draw import broken, rasterise, stroke_digit, to_mnist
from .answers import AnswerSheet, answers
from .explorer import Explorer, draw_png
from .models import kept, kept_models
from .pad import DrawPad, from_text, to_text
from .style import COLOURS, show_picture

def has_windows(model): return any(isinstance(layer, nn.Conv2d) for layer in model.modules())

class DigitApp(Explorer):
    "A pad beside a sheet that changes with each move of the pen"
    def __init__(self, models, buttons, known=None, **controls):   # `known` as in `answers`; pad and switches
        self.sheet, self.pad, self.known = AnswerSheet(), controls['pad'], known
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
        self.sheet.page, words = answers(models, image, self.known)
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
    known = None
    if models is None:
        models, known = kept_models(), kept('directions').known
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
    return DigitApp(models, [(name, show(image)) for name, image in pages.items()], known, **controls)
