"The sheet beside the pad: what each model says of a page and what it finds there; answers.js shows it"
from base64 import b64encode
from copy import deepcopy
import anywidget
import torch
from torch import nn
from traitlets import Dict
from ..draw import way_through
from ..ten_digits import feature_maps
from .pad import beside
from .predict import doubt, in_words, predict, shares

WIDGET = '''
function render({ model, el }) {
  const sheet = answerSheet(el)
  const numbers = text => Array.from(atob(text), c => (c.charCodeAt(0) - 128)/127)
  const show = () => {
    const page = model.get('page')
    sheet.show({...page, panels: page.panels.map(p => ({...p, values: numbers(p.values)}))})
  }
  model.on('change:page', show)
  show()
  return () => model.off('change:page', show)
}
export default { render }
'''

class AnswerSheet(anywidget.AnyWidget):
    "Shows `page`, which `answers` makes"
    _esm, _css = beside('answers.js') + WIDGET, beside('answers.css')
    page = Dict().tag(sync=True)

def panel(title, pictures, columns, size, signed=False, marks=None):   # pictures: [n,side,side]
    "Pictures side by side for the sheet, the largest number in full colour"
    values = pictures/pictures.abs().max().clip(1e-9)
    values = (values*127 + 128).round().byte().flatten().numpy().tobytes()
    return dict(title=title, side=pictures.shape[-1], columns=columns, size=size, signed=signed,
                marks=marks, values=b64encode(values).decode())

def speaks_for(model, image):   # made of linear layers
    "The answer to a picture, and a copy of the model that has its score only; 3 if it has one score"
    digit, one = predict(model, image)[0], deepcopy(model)
    last = [layer for layer in one.modules() if isinstance(layer, nn.Linear)][-1]
    if last.out_features == 1: return 3, one
    last.weight, last.bias = (nn.Parameter(t[digit:digit+1]) for t in (last.weight, last.bias))
    return digit, one

def way_panels(models, image):
    "Input times weight, in the linear model and in each hidden unit of the net, of ten digits if there are such"
    for name in 'linear', 'simple_net':
        name = f'ten_{name}'*(f'ten_{name}' in models) or name
        digit, one = speaks_for(models[name], image)
        way = way_through(one, image)
        if way['activations'] is None:
            yield panel(f'{name}: each pixel times its weight for a {digit}. Blue speaks for it, red against it.',
                        way['products'], 1, 168, signed=True)
        else:
            marks = [[f'{i}: {part:+.1f}'.replace('-', '−') if part else f'{i}', round(part, 1)]
                     for i, part in enumerate(way['parts'].tolist())]
            yield panel(f'{name}: the same in each hidden unit, and what the unit adds to the score of a {digit}. '
                        'One with no number is silent.', way['products'], 6, 56, signed=True, marks=marks)

def map_panels(net, image):
    "The feature maps of a convolutional net"
    for i, maps in enumerate(feature_maps(net, image), 1):
        n, side = maps.shape[:2]
        yield panel(f'ten_convnet, layer {i}: {n} maps of {side} by {side}', maps,
                    *((n//4, 42) if n < 64 else (16, 20)))

def answers(
    models,   # name to model, as from `kept_models`
    image,    # float [28,28], 0..1: what they see; None where there is nothing
    known=None,   # `known_directions` of the first, for its doubts
) -> tuple:   # the sheet for answers.js; name to what the model says, in words
    "What each model says of a picture, those first that know most digits, and what they find in it"
    order = sorted(reversed(models), key=lambda name: not name.startswith('ten_'))
    who, blank = order[0], image is None
    found = shares(models[who], torch.zeros(28, 28) if blank else image)*(not blank)
    sheet = dict(said='The page is blank: draw a digit.', why='', who=f'{who}: how sure it is of each digit', rows=[],
                 bars=list(zip(range(10) if len(found) == 10 else (3, 7), found.tolist())), panels=[])
    if blank: return sheet, {}
    words = {name: in_words(*predict(models[name], image)) for name in order}
    notes = {name: '' if name.startswith('ten_') else 'knows only 3 and 7' for name in order}
    panels = [panel('What the models see', image[None], 1, 168), *way_panels(models, image)]
    if 'ten_convnet' in models: panels += map_panels(models['ten_convnet'], image)
    why = doubt(models[who], image, known) if known is not None else None
    rows, why = [[n, words[n], notes[n]] for n in order], f'Doubtful: {why}.' if why else ''
    return sheet | dict(said=words[who], why=why, rows=rows, panels=panels), words
