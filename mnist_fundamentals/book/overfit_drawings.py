"Chapter 11's figures: loss and accuracy over epochs, mistakes against pictures, the cures side by side"
import matplotlib.pyplot as plt
from .style import COLOURS

def draw_watched(runs):   # name to float [epochs,2], loss and accuracy, as from `train_watched`
    "Two panels, a line for each run from the first epoch on"
    fig, axs = plt.subplots(1, 2, figsize=(8.5, 3))
    for column, (ax, name) in enumerate(zip(axs, ('loss', 'accuracy'))):
        for run, values in runs.items(): ax.plot(range(1, len(values) + 1), values[:, column], label=run)
        ax.set(xlabel='epoch', ylabel=name)
    axs[0].set_ylim(0)
    axs[1].legend()

def draw_sizes(study):   # what `overfit_study` gives
    "Mistakes in 100 held-back pictures against the number of training pictures, both axes logarithmic"
    rows = study[(study.part == 'held_back') & study.cure.isin(['nothing', 'more pictures'])]
    wrong = 100*(1 - rows.accuracy)
    fig, ax = plt.subplots()
    ax.scatter(rows.pictures, wrong, s=12)
    ax.plot(wrong.groupby(rows.pictures).mean())
    ax.set(xscale='log', yscale='log', xlabel='training pictures', ylabel='mistakes in 100 pictures')
    ax.set_xticks(ticks := sorted(rows.pictures.unique()), [f'{n:,}' for n in ticks], fontsize=8)
    ax.set_yticks([2, 3, 5, 10, 15], [2, 3, 5, 10, 15])
    ax.minorticks_off()

def draw_cures(rows):   # cure to the right answers in 100, a number a seed, in the same order of seeds
    "A row for each cure, a dot for each seed in the seed's colour, a stroke at their mean"
    fig, ax = plt.subplots(figsize=(7.5, .6 + .36*len(rows)))
    for i, values in enumerate(rows.values()):
        for value, colour in zip(values, COLOURS): ax.scatter(value, -i, s=22, color=colour)
        ax.plot([sum(values)/len(values)]*2, [-i - .35, -i + .35], color='black', lw=1.5)
    ax.set(yticks=[-i for i in range(len(rows))], yticklabels=list(rows), xlabel='right, in 100 held-back pictures')
