"Explorer of the border that hidden units draw between two rings of dots: chapter 8"
from functools import cache
import ipywidgets as widgets
import matplotlib.pyplot as plt
import torch
from torch import nn
from ...data import set_seed
from ...learner import BasicOptim
from ...linear_classifier import mnist_loss, train_model
from ...simple_net import rings
from ..explorer import Explorer, draw_png
from ..style import COLOURS

WIDTHS = [1, 2, 3, 4, 8, 16, 30]   # hidden units
EDGE = 2.8                         # of the plane that is drawn

@cache
def dots(): return rings(400, seed=0), rings(2000, seed=1)   # to learn from; new ones

@cache
def rings_net(
    hidden,    # hidden units, 1 or more
    seed,      # for the starting weights
    lr=3.,     # learning rate
) -> tuple:    # the model, and the share of the new dots that it has right
    "Two layers with a ReLU between them after 500 steps, each on all the dots"
    set_seed(seed)
    model, (seen, new) = nn.Sequential(nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, 1)), dots()
    opt = BasicOptim(model.parameters(), lr)
    return model, train_model(model, [seen]*500, [new], opt, mnist_loss, epochs=1)[-1]

@torch.no_grad()
def draw_border(ax, model, x, y, title='', bends=False):   # from float [n,2] to scores [n,1]; dots
    "Dots, the sides of the border between them in two colours, and dashed where a hidden unit bends"
    line = torch.linspace(-EDGE, EDGE, 161)
    plane = torch.cartesian_prod(line, line)
    scores = model(plane).view(161, 161).T
    ax.contourf(line, line, scores > 0, levels=[-.5, .5, 1.5], colors=[COLOURS[1], COLOURS[0]], alpha=.2)
    if scores.min() < 0 < scores.max(): ax.contour(line, line, scores, levels=[0], colors='black', linewidths=1.8)
    for a, b, c in torch.cat([model[0].weight, model[0].bias[:, None]], dim=1).tolist() if bends else ():
        ax.axline((-c*a/(a*a + b*b), -c*b/(a*a + b*b)), slope=-a/b, color='0.35', ls='--', lw=.8)
    for ring, colour in enumerate([COLOURS[1], COLOURS[0]]): ax.scatter(*x[y[:, 0] == ring].T, s=4, color=colour)
    ax.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), aspect='equal', xticks=[-2, 0, 2], yticks=[-2, 0, 2])
    ax.set_title(title, fontsize=10)

def draw_borders(models, x, y):   # title to model; dots, float [n,2] and [n,1]
    "A panel for each model, as `draw_border`"
    fig, axs = plt.subplots(1, len(models), figsize=(3*len(models), 3.2))
    for ax, (title, model) in zip(axs, models.items()): draw_border(ax, model, x, y, title)

def border_explorer() -> Explorer:   # sliders for the number of hidden units and for the start
    "Give a net more hidden units and see what border it can draw"
    def draw(ax, hidden, seed):
        "Blue side and orange side, the border between them, and dashed where a unit bends"
        model, accuracy = rings_net(hidden, seed)
        units = 'hidden unit' if hidden == 1 else 'hidden units'
        draw_border(ax, model, *dots()[0], f'{hidden} {units}', bends=hidden <= 8)
        return f'{hidden} {units}, start {seed}: {accuracy:.3f} of the new dots'
    def three(axs):
        for ax, hidden in zip(axs, (2, 3, 8)): draw(ax, hidden, 0)
    return Explorer(draw, size=(4, 3.6), still=draw_png(three, ncols=3, size=(9, 3.3))[0],
                    hidden=widgets.SelectionSlider(options=WIDTHS, value=8),
                    seed=widgets.IntSlider(0, min=0, max=19, description='start', continuous_update=False))
