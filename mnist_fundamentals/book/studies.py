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

def overfit_study() -> pd.DataFrame:   # part, cure, amount, seed, steps; loss, right and of, on own and new pictures
    "What studies/overfit.py found: `large_net` on 500 pictures or more, one cure at a time"
    table = pd.read_csv(HERE/'overfit.csv', dtype=dict(amount=str))
    table['accuracy'] = table.new_right/table.new_of
    pictures = table.amount.where(table.cure == 'more pictures', '500').astype(int)
    return table.assign(pictures=pictures.where(table.part == 'held_back', table.trained_of))

def best_amounts(study) -> pd.DataFrame:   # what `overfit_study` gives; a row a seed
    "Each cure at the amount with the most right answers on the held-back pictures"
    held = study[study.part == 'held_back']
    mean = held.groupby(['cure', 'amount'], sort=False).accuracy.mean()
    best = {cure: mean[cure].idxmax() for cure in held.cure.unique()}
    return held[held.amount == held.cure.map(best)]

def accuracies_by_seed(study) -> dict:   # what `overfit_study` gives; name to the right of 100, a Series by seed
    "Each cure at its best, and each number of pictures: the worst first"
    rows = {name: part for name, part in best_amounts(study).groupby('cure') if name != 'more pictures'}
    more = study[(study.part == 'held_back') & (study.cure == 'more pictures')]
    rows |= {f'{n:,} pictures': part for n, part in more.groupby('pictures')}
    found = {name: 100*part.set_index('seed').accuracy.sort_index() for name, part in rows.items()}
    return dict(sorted(found.items(), key=lambda row: row[1].mean()))

def cures_table(study) -> pd.DataFrame:   # what `overfit_study` gives
    "Each cure at its best: mean and spread over the seeds, and what it gains over *nothing* with the same seed"
    cures = best_amounts(study).groupby('cure')
    right = 100*best_amounts(study).pivot(index='cure', columns='seed', values='accuracy')
    gains = right - right.loc['nothing']
    table = pd.DataFrame({
        'amount': cures.amount.first(), 'steps': cures.steps.mean(), 'loss': cures.new_loss.mean(),
        'right of 100': right.mean(axis=1), 'spread': right.std(axis=1),
        'gain': gains.mean(axis=1), 'its spread': gains.std(axis=1)})
    return table.sort_values('right of 100').round(2)
