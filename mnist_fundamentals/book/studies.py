"Trainings from many seeds: the table that studies/seeds.py made, and a picture of it"
from collections import Counter
import matplotlib.pyplot as plt
import pandas as pd
from .bundle import HERE
from .results import VALID

def seed_study(
    experiment,        # such as 'linear', 'large start, not shuffled' or 'ten_convnet'
) -> pd.DataFrame:     # a training a row: seed, epochs, right_first, right, loss, weights
    """Trainings of one model from many seeds, made by studies/seeds.py on the CPU.

    `right_first` and `right` count the right answers after the first and the last epoch, of 2,038 or,
    where the name begins with `ten_`, of 10,000;
    `loss` is the last validation loss, `weights` the start of the SHA-256 digest of the weights."""
    table = pd.read_csv(HERE/'seeds.csv')
    names = list(table.experiment.unique())
    if experiment not in names:
        raise ValueError(f'experiment must be one of {names}, got {experiment!r}')
    return table[table.experiment == experiment].drop(columns='experiment').set_index('seed')

def show_chance(
    results,      # name to right answers, a number for each training
    marks=None,   # name to one more number: a cross in that row
    ax=None,      # where to draw; a new figure when None
    of=VALID,     # of how many pictures; 10,000 for ten digits
) -> plt.Axes:
    "A row for each name, a dot for each training; equal results stand one on another"
    if not results: raise ValueError('results is empty: there is nothing to draw')
    if ax is None: ax = plt.subplots(figsize=(7.5, .7 + .8*len(results)))[1]
    for row, (name, values) in enumerate(results.items()):
        seen, heights = Counter(), []
        for value in values:
            heights.append(seen[value])
            seen[value] += 1
        step = .7/max([12, *seen.values()])
        ax.scatter(values, [step*h - row for h in heights], s=9)
    for name, value in (marks or {}).items():
        if name not in results:
            raise ValueError(f'marks must have names of results, {list(results)}; got {name!r}')
        ax.scatter(value, -list(results).index(name), marker='x', s=70, color='black', zorder=3)
    ax.set(yticks=[-row for row in range(len(results))], yticklabels=list(results),
           ylim=(.7 - len(results), .9), xlabel=f'right of {of:,}')
    return ax

def depth_study() -> pd.DataFrame:   # question, model, peak (none for the book's models), seed, of, 0, 1, ..., 8
    "What studies/depth.py found: of so many validation pictures, how many are right at each shift to the right"
    return pd.read_csv(HERE/'depth.csv')
