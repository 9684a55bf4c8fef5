"Diagrams that chapters show: boxes, arrows and how a figure is laid out, no lesson in them"
import matplotlib.pyplot as plt
import torch
from .style import COLOURS, show_picture

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

def draw_valley(ax, a, b, heights, path, star, title=''):   # heights: [len(b),len(a)]; path: [steps,2]
    "The loss over a and b as contour lines, the path of a descent, and a star at the best fit"
    lines = ax.contour(a, b, heights, levels=torch.logspace(1.3, 5.3, 13), norm='log', cmap='viridis')
    ax.plot(*path.T, 'o-', color=COLOURS[1], ms=4)
    ax.plot(*star, '*', color='black', ms=12)
    ax.set(xlabel='a', ylabel='b', title=title)
    ax.figure.colorbar(lines, ax=ax, label='loss', ticks=[100, 1000, 10_000, 100_000])

def draw_slopes(ax, slopes, title=''):   # slopes: [steps,3]
    "The sizes of the slopes of a, b and c at each step, on a logarithmic axis"
    for i, name in enumerate('abc'): ax.semilogy(slopes[:, i].abs(), '.-', label=name)
    ax.set(xlabel='steps', ylabel='size of the slope', title=title)
    ax.legend(ncols=3)


def draw_covering_windows():
    "A window of nine weights at its four places over a map of 2 by 2 with a frame of zeros"
    fig, axs = plt.subplots(1, 4, figsize=(8, 2.1))
    for ax, (top, left) in zip(axs, [(0, 0), (0, 1), (1, 0), (1, 1)]):
        for y in range(4):
            for x in range(4):
                pixel = 0 < x < 3 and 0 < y < 3
                ax.add_patch(plt.Rectangle((x, y), 1, 1, fc=COLOURS[5] if pixel else 'white', ec='0.7'))
                weight = 3*(y - top) + x - left + 1
                if top <= y < top + 3 and left <= x < left + 3:
                    ax.text(x + .5, y + .5, weight, ha='center', va='center',
                            weight='bold' if pixel else None, color='black' if pixel else '0.6')
        ax.add_patch(plt.Rectangle((left, top), 3, 3, fill=False, ec=COLOURS[1], lw=2.5))
        ax.set(xlim=(-.1, 4.1), ylim=(4.1, -.1), aspect='equal')
        ax.axis('off')

def draw_film(films, stops):   # films: name to {batches: (weights [h,w], accuracy)}; stops: which to show
    "A row for each film, a frame for each stop: the weights, and above them batches and accuracy"
    fig, axs = plt.subplots(len(films), len(stops), figsize=(1.9*len(stops), 2.3*len(films)))
    for row, (name, film) in zip(axs, films.items()):
        for ax, n in zip(row, stops):
            show_picture(ax, film[n][0], f'{n} batches: {film[n][1]:.4f}', signed=True)
        row[0].text(-.08, .5, f'{name} start', transform=row[0].transAxes, rotation=90, va='center', ha='right')

def draw_broadcast(pile, picture):   # float [n,28,28], at least four; float [28,28]
    "Each of four pictures minus the same one, pale where broadcasting only acts as if it were there"
    fig, axs = plt.subplots(4, 5, figsize=(5, 4), width_ratios=[1, .4, 1, .4, 1])
    for ax in axs.flat: ax.axis('off')
    for i, row in enumerate(axs):
        row[0].imshow(pile[i])
        row[2].imshow(picture, alpha=.3 if i else 1)
        row[4].imshow(pile[i] - picture, cmap='RdBu', vmin=-1, vmax=1)
        for ax, sign in [(row[1], '−'), (row[3], '=')]:
            ax.text(.5, .5, sign, ha='center', va='center', fontsize=16)
    for j, tensor in [(0, pile), (2, picture), (4, pile - picture)]:
        axs[0, j].set_title(str(list(tensor.shape)).replace(' ', ''), fontsize=9)

def draw_curves(curves, xlabel, ylabel):   # title to (x, y)
    "A panel for each curve, side by side, each with axes of its own"
    fig, axs = plt.subplots(1, len(curves), figsize=(max(5.5, 4*len(curves)), 2.8), squeeze=False)
    for ax, (title, xy) in zip(axs[0], curves.items()):
        ax.plot(*xy)
        ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
        ax.ticklabel_format(useOffset=False)

def draw_accuracies(runs, ylabel='validation accuracy'):   # name to the accuracy after each epoch
    "A line for each training, from the first epoch on"
    fig, ax = plt.subplots()
    for name, accuracies in runs.items():
        ax.plot(range(1, len(accuracies) + 1), accuracies, 'o-', ms=3, label=name)
    ax.set(xlabel='epoch', ylabel=ylabel)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend()

def draw_convolution(image, kernel, result, top, left):   # float [h,w], [3,3], [h-2,w-2]; a window's corner
    "The picture with one window on it, the kernel with its numbers, and the result with the sum of that window"
    fig, axs = plt.subplots(1, 3, figsize=(8.5, 3), width_ratios=[1, .45, 1.15])
    axs[0].imshow(image)
    axs[0].set_title('picture, and one window')
    limit = result.abs().max()
    axs[1].imshow(kernel, cmap='RdBu', vmin=-2, vmax=2)
    for i, row in enumerate(kernel.tolist()):
        for j, weight in enumerate(row): axs[1].text(j, i, f'{weight:g}', ha='center', va='center', fontsize=12)
    axs[1].set_title('kernel')
    shown = axs[2].imshow(result, cmap='RdBu', vmin=-limit, vmax=limit)
    axs[2].set_title('a sum for each window')
    fig.colorbar(shown, ax=axs[2], label='sum', shrink=.8)
    for ax, size in ((axs[0], 3), (axs[2], 1)):
        ax.add_patch(plt.Rectangle((left - .5, top - .5), size, size, fill=False, ec=COLOURS[2], lw=2.5))
    for ax in axs: ax.set(xticks=[], yticks=[]); ax.grid(False); ax.spines[:].set_visible(True)

def draw_residual_block():
    "Two convolutions with their norms and a ReLU in a row; an orange line round them to a plus"
    fig, ax = plt.subplots(figsize=(7.5, 2.2))
    boxes = [(2.5, 'conv 3×3'), (5.1, 'norm'), (7.1, 'ReLU'), (9.1, 'conv 3×3'), (11.7, 'norm')]
    box = dict(boxstyle='round,pad=.5', fc='#56B4E933', ec=COLOURS[0])
    for x, text in boxes: ax.text(x, 1, text, ha='center', va='center', bbox=box)
    ax.text(14.2, 1, 'ReLU', ha='center', va='center', bbox=box | dict(fc='white', ec='0.5'))
    for start, end in [(.2, 1.5), (3.5, 4.4), (5.7, 6.4), (7.7, 8.2), (10.1, 11), (12.4, 12.9), (13.3, 13.6)]:
        ax.annotate('', (end, 1), (start, 1), arrowprops=dict(arrowstyle='->', color='black'))
    ax.text(13.1, 1, '+', ha='center', va='center', fontsize=16)
    ax.plot([.8, .8, 13.1], [1, 3, 3], color=COLOURS[1], lw=2)
    ax.annotate('', (13.1, 1.35), (13.1, 3), arrowprops=dict(arrowstyle='->', color=COLOURS[1], lw=2))
    ax.text(.1, 1.3, 'x')
    ax.text(7, 3.2, 'x, unchanged', color=COLOURS[1], ha='center')
    ax.text(7, .1, 'f(x)', ha='center')
    ax.set(xlim=(0, 15), ylim=(0, 4))
    ax.axis('off')

def draw_tiles(ax, tiles, colours, title='', ncols=6):   # float [k,h,w]; k colours, of the numbers
    "Numbered pictures in rows, blue where positive and red where negative, with white between them"
    k, h, w = tiles.shape
    limit = tiles[tiles != 0].abs().quantile(.99) if tiles.any() else 1.    # a few are far above the rest
    page = torch.full((-(-k//ncols)*ncols, h + 4, w + 4), float('nan'))
    page[:k, 2:-2, 2:-2] = tiles.clip(-limit, limit)
    page = page.view(-1, ncols, h + 4, w + 4).transpose(1, 2).flatten(0, 1).flatten(1)
    show_picture(ax, page, title, signed=True)
    for i, colour in enumerate(colours):
        row, column = divmod(i, ncols)
        corner = column*(w + 4) + 2, row*(h + 4) + 2
        ax.add_patch(plt.Rectangle((corner[0] - .5, corner[1] - .5), w, h, fill=False, ec='0.8', lw=.5))
        ax.text(*corner, i, color=colour, va='top', fontsize=7)

def draw_way(axs, way, deep):   # what `way_through` gives for a linear model and for a net
    "Products of pixels and weights in the one and in each unit of the other, and what each unit adds"
    def ends(way): return f'{way["parts"].sum():+.2f} {way["bias"]:+.2f} = {way["score"]:+.2f}'
    show_picture(axs[0], way['products'][0], f'linear: input × weight\n{ends(way)}', signed=True)
    parts = deep['parts'].tolist()
    colours = [COLOURS[0] if part > 0 else COLOURS[1] if part < 0 else '0.6' for part in parts]
    draw_tiles(axs[1], deep['products'], colours, 'simple_net: input × weight\nin each hidden unit')
    axs[2].bar(range(len(parts)), parts, color=colours)
    axs[2].plot(deep['activations'], '.', color='grey')
    axs[2].set_title(f'what each unit adds\n{ends(deep)}', fontsize=9)
    axs[2].set_xlabel('hidden unit (dots: activations)')

def draw_weights(pictures):   # title to float [784] or [784,1]
    "A panel for each weight picture, with a scale of its own: blue is positive, red is negative"
    fig, axs = plt.subplots(1, len(pictures), figsize=(3*len(pictures), 3))
    for ax, (title, weights) in zip(axs, pictures.items()):
        show_picture(ax, weights.detach().cpu().view(28, 28), title, signed=True)

def draw_paths(loss, paths, across=(.8, 3.8), up=(-.8, 2.8)):   # of three parameters; name to path [steps,3]
    "A panel for each path of a, b and c, from above: contour lines of the loss over a and c, a star at its lowest"
    a, c = torch.linspace(*across, 70), torch.linspace(*up, 70)
    fig, axs = plt.subplots(1, len(paths), figsize=(3*len(paths) + .6, 3), sharey=True, squeeze=False)
    for ax, (name, path) in zip(axs[0], paths.items()):
        heights = torch.tensor([[loss([x, path[-1, 1], y]) for x in a] for y in c])
        above, low = heights - heights.min(), heights.argmin().item()
        ax.contour(a, c, above, levels=torch.logspace(-1.5, 1.5, 10), norm='log', cmap='viridis', linewidths=.8)
        ax.plot(path[:, 0], path[:, 2], 'o-', color=COLOURS[1], ms=3, lw=1)
        ax.plot(a[low % 70], c[low//70], '*', color='black', ms=12)
        ax.set(xlabel='a', title=name, xlim=across, ylim=up)
        ax.grid(False)
    axs[0, 0].set_ylabel('c')

def draw_sweeps(sweeps):   # name to (rates, losses)
    "The loss of each batch against the rate of its step, on a logarithmic axis"
    fig, ax = plt.subplots()
    for name, (rates, losses) in sweeps.items(): ax.semilogx(rates, losses, label=name)
    ax.set(xlabel='learning rate', ylabel='loss of the batch')
    ax.legend()
