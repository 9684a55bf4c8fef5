"The drawing pad as a widget: pad.js and pad.css draw, Python gets the pixels"
from base64 import b64decode, b64encode
from pathlib import Path
import anywidget
import numpy as np
import torch
from torch import Tensor
from traitlets import Unicode
from .checks import require

def to_text(
    image,      # float [28,28], 0..1
) -> str:       # base64 of 784 bytes, 0 to 255
    "Pixels as text, the one form that every notebook program passes on unharmed"
    page = (require(image, 'image', '[28,28]', floats=True, low=0, high=1)*255).round().byte()
    return b64encode(page.numpy().tobytes()).decode()

def from_text(
    text,        # base64 of 784 bytes
) -> Tensor:     # float [28,28], 0..1
    "Pixels from text: the reverse of `to_text`"
    page = np.frombuffer(b64decode(text), np.uint8)
    if len(page) != 784: raise ValueError(f'text must hold 784 pixels, got {len(page)}')
    return torch.from_numpy(page.copy()).view(28, 28).float()/255

def beside(name): return (Path(__file__).parent/name).read_text(encoding='utf-8')

WIDGET = '''
function render({ model, el }) {
  let timer, sending
  const send = () => {
    clearTimeout(timer)
    timer = undefined
    sending = true
    model.set('value', btoa(String.fromCharCode(...pad.ink())))
    sending = false
    model.save_changes()
  }
  const pad = digitPad(el, {label: model.get('description'),   // while one draws, every 60 ms
                            onChange: complete => complete ? send() : timer ??= setTimeout(send, 60)})
  const show = () => { if (!sending) pad.show(Array.from(atob(model.get('value')), c => c.charCodeAt(0))) }
  model.on('change:value', show)
  show()
  return () => model.off('change:value', show)
}
export default { render }
'''

class DrawPad(anywidget.AnyWidget):
    "A page to draw on; `value` is its text, `image` its pixels"
    _esm, _css = beside('pad.js') + WIDGET, beside('pad.css')
    min, max = to_text(torch.zeros(28, 28)), to_text(torch.ones(28, 28))   # no ink, all ink
    value = Unicode(min).tag(sync=True)
    description = Unicode('Drawing pad: arrow keys move the pen, space lowers it').tag(sync=True)

    @property
    def image(self) -> Tensor:   # float [28,28], 0..1
        return from_text(self.value)

    @image.setter
    def image(self, image): self.value = to_text(image)
