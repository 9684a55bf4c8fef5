"How figures and tables look in the whole book"
import matplotlib.pyplot as plt
import numpy as np
import torch

COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000']  # Okabe-Ito

def use_book_style():
    "One matplotlib style for the whole book, and one width for printed arrays"
    plt.rcParams.update({
        'figure.figsize': (5.5, 3.2), 'figure.dpi': 96, 'figure.constrained_layout.use': True,
        'figure.facecolor': 'white', 'axes.prop_cycle': plt.cycler(color=COLOURS),
        'axes.spines.top': False, 'axes.spines.right': False, 'axes.grid': True, 'grid.alpha': 0.25,
        'font.size': 10, 'axes.titlesize': 11, 'image.cmap': 'Greys'})
    np.set_printoptions(linewidth=150)
    torch.set_printoptions(linewidth=150)

class Html:
    "A piece of HTML, which Jupyter shows as what it means"
    def __init__(self, html): self.html = html
    def _repr_html_(self): return self.html
    def __repr__(self): return '<a table>'

def show_picture(ax, picture, title='', signed=False):   # picture: [h,w], may hold NaN
    "Ink on paper; or, signed, blue where positive and red where negative, white at 0"
    if signed:
        limit = max(picture.nan_to_num().abs().max().item(), 1e-9)
        ax.imshow(picture, cmap='RdBu', vmin=-limit, vmax=limit)
    else: ax.imshow(picture, cmap='Greys', vmin=0, vmax=1)
    ax.set_title(title, fontsize=9)
    ax.axis('off')
