"A picture with sliders: it is redrawn when one moves, and stands still where no kernel runs"
from base64 import b64encode
from functools import partial
from io import BytesIO
import ipywidgets as widgets
from matplotlib.figure import Figure

def draw_png(
    draw,       # draw(ax, **values), or draw(axs, **values) for several plots
    ncols=1,    # how many plots side by side
    nrows=1,    # how many rows of them
    size=None,  # width and height in inches; chosen by the number of plots when None
    **values,   # passed on to `draw`
) -> tuple:     # a PNG file as bytes, and what `draw` returned
    "The picture that `draw` makes, in the style that is set; no window and nothing to close"
    fig = Figure(figsize=size or (5.5 if ncols == 1 else 4*ncols, 3.2*nrows))
    said = draw(fig.subplots(nrows, ncols), **values)
    png = BytesIO()
    fig.savefig(png, format='png', metadata={'Software': None})
    return png.getvalue(), said

def slider(value, min, max, step=0.1, **kwargs):
    return widgets.FloatSlider(value, min=min, max=max, step=step, **kwargs)

def menu(*options): return widgets.Dropdown(options=options)

def button(name, press):
    made = widgets.Button(description=name)
    made.on_click(lambda _: press())
    return made

def extremes(control):
    "Where to try a control: some of its options, or both ends of a slider, or on and off"
    if hasattr(control, 'options'): return control.options[::max(1, len(control.options)//4)]
    return (control.min, control.max) if hasattr(control, 'min') else (False, True)

class Explorer(widgets.VBox):
    "Controls and a picture that is redrawn at each change; errors reach whoever moved a slider"
    def __init__(self,
        draw,        # as in `draw_png`; its docstring says what there is to see
        buttons=(),  # pairs of a name and a function of the explorer
        ncols=1, nrows=1, size=None,   # as in `draw_png`
        still=None,  # a PNG for a page without a kernel; the picture itself when None
        **sliders,   # name to widget; `draw` gets their values
    ):
        self.draw, self.grid, self.sliders, self.still = draw, (ncols, nrows, size), sliders, still
        self.presses = [partial(press, self) for _, press in buttons]
        self.text = draw.__doc__ or 'A picture with sliders'
        self.picture = widgets.Image(format='png', layout=dict(align_self='flex-start'))
        self.readout = widgets.Label()      # what `draw` returns: the result in words
        self.readout.add_class('explorer-says')
        row = widgets.HBox([button(b[0], press) for b, press in zip(buttons, self.presses)])
        caption = widgets.Label(self.text)
        super().__init__([*sliders.values(), row, self.readout, self.picture, caption])
        self.add_class('explorer')
        for name, control in sliders.items():
            control.description = control.description or name
            control.observe(self.redraw, 'value')
        self.redraw()

    def values(self): return {name: control.value for name, control in self.sliders.items()}

    def redraw(self, change=None):
        "Draw for the values that the controls have now"
        self.picture.value, said = draw_png(self.draw, *self.grid, **self.values())
        self.readout.value = said or ''

    def sweep(self):
        "Press each button, try each control and put it back: an error anywhere there comes out now"
        before = [(control, control.value) for control in self.sliders.values()]
        for press in self.presses: press()
        for control, value in before:
            for v in (*extremes(control), value): control.value = v

    def _repr_mimebundle_(self, **kwargs):
        "The widget, and beside it the picture and its text for a page without a kernel"
        bundle = getattr(super(), '_repr_mimebundle_', lambda **kwargs: {})(**kwargs) or {}
        bundle['image/png'] = b64encode(self.still or self.picture.value).decode()
        said = '. '.join(filter(None, [self.text.rstrip('.'), self.readout.value]))
        return bundle | {'text/plain': f'Explorer: {said}'}
