"""Plain SGD, momentum and Adam on the linear classifier of 3s and 7s, each at several rates, on held-back pictures.

    python studies/optimizers.py            # the rows that studies/optimizers.csv lacks, then a summary
    python studies/optimizers.py --summary  # the summary of the rows that are there

As in studies/recipes.py one in six training pictures is held back, the rest is trained on, and the validation
pictures take no part. Forty epochs, as in chapter 5's recipe; right answers after 1, 5, 10, 20 and 40. The rows of
plain SGD at its rate 10 are those of recipes.csv, at its other rates they are not trained again. On the CPU.
"""
import sys
from pathlib import Path
from statistics import mean, stdev
import table
import torch
import recipes
from mnist_fundamentals.learner import Adam, BasicOptim, Momentum, linear_model, train_from_seed

FILE = Path(__file__).with_name('optimizers.csv')
FIELDS = ['optimizer', 'lr', 'seed', 'epochs', 'right', 'of']
EPOCHS = 1, 5, 10, 20, 40
SEEDS = 20
GRID = {   # optimizer: (class, rates)
    'sgd': (BasicOptim, [10.]), 'momentum': (Momentum, [.3, 1., 3.]), 'adam': (Adam, [.01, .03, .1, .3])}

def train(optimizer, lr, seed):
    "Right answers on the held-back pictures, by epochs"
    _, accuracies = train_from_seed(linear_model, EPOCHS[-1], lr, seed, opt_func=GRID[optimizer][0], held_back=True)
    return {epochs: round(accuracies[epochs - 1]*recipes.HELD) for epochs in EPOCHS}

def read_rows():
    "The rows of the file, each a dict of strings"
    return table.read(FILE)

def right(rows, optimizer, lr, epochs):
    "Right answers of each seed, in their order"
    found = {int(r['seed']): int(r['right']) for r in rows
             if (r['optimizer'], float(r['lr']), int(r['epochs'])) == (optimizer, lr, epochs)}
    return [found[seed] for seed in sorted(found)]

def paired(a, b):
    "Mean of a - b, seed by seed, and its standard error"
    differences = [x - y for x, y in zip(a, b, strict=True)]
    return mean(differences), stdev(differences)/len(differences)**.5

def main(args):
    done = {(r['optimizer'], float(r['lr']), int(r['seed'])) for r in read_rows()}
    wanted = [(name, lr, seed) for name, (_, rates) in GRID.items() for lr in rates for seed in range(SEEDS)]
    for name, lr, seed in [] if '--summary' in args else [w for w in wanted if w not in done]:
        new = [dict(zip(FIELDS, [name, lr, seed, epochs, n, recipes.HELD])) for epochs, n in train(name, lr, seed).items()]
        table.append(FILE, new)
    rows = read_rows()
    for name, (_, rates) in GRID.items():
        for lr in rates:
            for epochs in EPOCHS:
                if len(runs := right(rows, name, lr, epochs)) > 1:
                    gain, error = paired(runs, right(rows, 'sgd', 10., epochs)[:len(runs)])
                    print(f'{name:9}{lr:5g} {epochs:3} epochs {mean(runs):8.2f} ± {stdev(runs):.2f} ({len(runs)}), '
                          f'against sgd at 10: {gain:+.2f}, standard error {error:.2f}')

if __name__ == '__main__':
    torch.set_num_threads(1)
    main(sys.argv[1:])
