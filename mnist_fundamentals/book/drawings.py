"Diagrams that chapters show: boxes, arrows and how a figure is laid out, no lesson in them"
import matplotlib.pyplot as plt
import torch
from .style import COLOURS

def draw_seven_steps():
    "Initialise; predict, loss, gradient, step and repeat as a ring; stop"
    boxes = {'1  initialise': (0, 1), '2  predict': (1, 1), '3  loss': (2, 1), '4  gradient': (3, 1),
             '5  step': (3, 0), '6  repeat': (1, 0), '7  stop': (0, 0)}
    arrows = [((.38, 1), (.62, 1)), ((1.38, 1), (1.62, 1)), ((2.38, 1), (2.62, 1)),
              ((3, .75), (3, .25)), ((2.62, 0), (1.38, 0)), ((1, .25), (1, .75)), ((.62, 0), (.38, 0))]
    fig, ax = plt.subplots(figsize=(8, 2.6))
    for i, (name, (x, y)) in enumerate(boxes.items()):
        colour = COLOURS[0] if 0 < i < 6 else COLOURS[1]
        ax.add_patch(plt.Rectangle((x - .36, y - .22), .72, .44, fc=colour, ec=colour, alpha=.15))
        ax.text(x, y, name, ha='center', va='center', fontsize=12)
    for start, end in arrows:
        ax.annotate('', end, start, arrowprops=dict(arrowstyle='-|>', lw=1.5, color='0.3'))
    ax.text(1.06, .5, 'not yet good enough', va='center', color='0.3')
    ax.text(.5, .3, 'enough', ha='center', color='0.3')
    ax.set(xlim=(-.5, 3.5), ylim=(-.4, 1.4))
    ax.axis('off')

def draw_valley(ax, a, b, heights, path, star):   # heights: [len(b),len(a)]; path: [steps,2]
    "The loss over a and b as contour lines, the path of a descent, and a star at the best fit"
    lines = ax.contour(a, b, heights, levels=torch.logspace(1.3, 5.3, 13), norm='log', cmap='viridis')
    ax.plot(*path.T, 'o-', color=COLOURS[1], ms=4)
    ax.plot(*star, '*', color='black', ms=12)
    ax.set(xlabel='a', ylabel='b')
    return lines   # for a colour bar
