"Pictures that are no digit: letters and signs of fonts, scribbles, noise"
from functools import cache
from pathlib import Path
import matplotlib, numpy as np, torch
import torch.nn.functional as F
from matplotlib.ft2font import FT2Font
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from ..draw import rasterise

SIZE = 56
LOOK_ALIKE = 'OoDQIlijSsZzBbGgq'     # letters that are drawn as a digit may be: in neither part
PARTS = {   # letters, signs and fonts: nothing in one part is in the other
    'choose': ('ACEFHKLU', '#%*+<=?@^~£¥¶µ¿×÷¤«±®', ['DejaVuSans', 'DejaVuSerif', 'DejaVuSansMono-Bold', 'DejaVuSans-Oblique']),
    'test': ('MNPRTVWXYadefhkmnrtuvwx', '&>:;"$_.§€αγλπψωΓΔΛΞΣΨΩ←→↑↓∑√≈≠∈∩∪',
             ['STIXGeneral', 'STIXGeneralBol', 'STIXGeneralItalic', 'STIXGeneralBolIta'])}

def font_file(font):
    "The file of a font that matplotlib brings along"
    return str(Path(matplotlib.get_data_path())/'fonts'/'ttf'/f'{font}.ttf')

@cache
def signs_of(font): return set(FT2Font(font_file(font)).get_charmap())

def glyph(sign, font) -> Tensor:   # one character; a font of matplotlib; gives float [56,56], 0..1
    "A character as light ink on dark paper"
    page = Image.new('L', (SIZE, SIZE))
    ImageDraw.Draw(page).text((SIZE//2, SIZE//2), sign, fill=255, font=ImageFont.truetype(font_file(font), 36), anchor='mm')
    return torch.from_numpy(np.array(page))/255

def scribble(rng) -> Tensor:       # float [56,56], 0..1
    "A pen that wanders past five to ten places, its corners rounded"
    places = 28 + 14*torch.randn(2, int(torch.randint(5, 11, (1,), generator=rng)), generator=rng)
    line = F.avg_pool1d(F.interpolate(places.clip(4, 52)[None], size=60, mode='linear'), 9, 1)[0].T
    return rasterise([line], 2 + 2*torch.rand(1, generator=rng).item(), SIZE)

def noise(rng) -> Tensor:          # float [56,56], 0..1
    "Random greys, of one pixel or in blots"
    n = [56, 28, 14, 8][torch.randint(4, (1,), generator=rng)]
    return F.interpolate(torch.rand(1, 1, n, n, generator=rng), size=SIZE, mode='bilinear')[0, 0]

def no_digits(
    part,          # 'choose' or 'test': other letters, signs, fonts and seed
    n=100,         # pictures of each kind
) -> dict:         # kind to float [n,56,56], light ink on dark paper
    "Letters, signs, scribbles and noise, the same ones each time"
    *texts, fonts = PARTS[part]
    rng = torch.Generator().manual_seed(list(PARTS).index(part))
    def glyphs(text):
        there = [(sign, font) for sign in text for font in fonts if ord(sign) in signs_of(font)]
        return [glyph(*there[i]) for i in torch.randint(len(there), (n,), generator=rng)]
    return {kind: torch.stack(pages) for kind, pages in dict(
        letters=glyphs(texts[0]), signs=glyphs(texts[1]),
        scribbles=[scribble(rng) for _ in range(n)], noise=[noise(rng) for _ in range(n)]).items()}

def look_alikes() -> Tensor:       # float [n,56,56]
    "The letters that were left out, in the fonts of both parts"
    return torch.stack([glyph(sign, font) for *_, fonts in PARTS.values() for font in fonts for sign in LOOK_ALIKE])
