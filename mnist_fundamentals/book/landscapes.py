"Losses as landscapes: along one weight, and over two parameters, with the way that a descent takes"
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import Tensor
from .drawings import draw_curves, draw_valley

def landscape(t, speed, a, b) -> Tensor:   # [len(b),len(a)]
    "The mean squared error of a·t² + b·t + c for every pair of a and b, with c at its best"
    c = np.polyfit(t, speed, deg=2)[2]
    preds = a[None, :, None]*t**2 + b[:, None, None]*t + c       # [len(b),len(a),len(t)]
    return ((preds - speed)**2).mean(-1)

def walk(t, speed, start, lr, steps) -> Tensor:   # a and b before each step, [steps,2]
    "The way of a descent from the a and b of `start`, with c at its best"
    c, x = np.polyfit(t, speed, deg=2)[2], torch.stack([t**2, t], dim=1)
    path = [start[:2].detach()]
    for _ in range(steps - 1): path.append(path[-1] - lr*2*(x@path[-1] + c - speed)@x/len(t))
    return torch.stack(path)

def draw_descent(ax, t, speed, start, lr, steps, a=(-2, 3), b=(-40, 15), title=''):
    "The landscape between two values of a and two of b, the way of a descent, and a star at the best fit"
    a, b = (torch.linspace(*ends, 200) for ends in (a, b))
    best = np.polyfit(t, speed, deg=2)[:2]
    draw_valley(ax, a, b, landscape(t, speed, a, b), walk(t, speed, start, lr, steps), best, title)

@torch.no_grad()
def along(f, weights, place, width) -> tuple[Tensor, Tensor]:   # 401 changes, and f after each
    "f(weights), with one weight changed by up to `width` either way"
    changes, values = torch.linspace(-width, width, 401), []
    for change in changes:
        w = weights.clone()
        w[place] += change.item()
        values.append(f(w))
    return changes, torch.tensor(values)

def draw_along(f, weights, place, widths, ylabel):
    "A panel for each width: f against the change of one weight"
    curves = {f'up to {width} either way': along(f, weights, place, width) for width in widths}
    draw_curves(curves, f'change of weight {place}', ylabel)
