"""What is a hidden layer for? Dots in two rings, and digits that are even or odd, from many seeds.

    python studies/hidden.py            # the rows that studies/hidden.csv lacks, then what they say
    python studies/hidden.py --summary  # what the rows that are there say

even: one linear layer, two with nothing between them and `simple_net` are trained for 20 epochs of our
own loop. The rate of each is the one with the highest mean over three seeds on the held-back training
pictures. Then each is trained on all 60,000 from ten other seeds and judged on the 10,000 test pictures.
3 or 7, held back: the same three, ten epochs at the rate 0.1 and forty at 3, from twenty seeds; trained and
judged on the two parts of the training pictures. Nothing is chosen by it.
rings: a net of so many hidden units learns 400 dots, 500 steps on all of them, and is judged on 2,000
others; the dots are the same each time, the seed is for the start. Twenty seeds, four rates, no choosing.
On the CPU, in one thread.
"""
import os, sys
from pathlib import Path
from statistics import mean, stdev

os.environ['MNIST_FUNDAMENTALS_DEVICE'] = 'cpu'

import table
import torch
from torch import nn
from mnist_fundamentals.book.explorers.borders import WIDTHS, rings_net
from mnist_fundamentals.data import set_seed
from mnist_fundamentals.learner import BasicOptim
from mnist_fundamentals.linear_classifier import digit_dls, mnist_loss, train_model
from mnist_fundamentals.simple_net import even_dls, simple_net

FILE = Path(__file__).with_name('hidden.csv')
FIELDS = ['task', 'model', 'lr', 'seed', 'right', 'of']
EVEN = {'one linear layer': lambda: nn.Linear(28*28, 1),
        'two, nothing between': lambda: nn.Sequential(nn.Linear(28*28, 30), nn.Linear(30, 1)),
        'two, ReLU between': simple_net}
RATES = {'even, held back': [1., 3., 10., 30.], 'rings': [.3, 1., 3., 10.]}
SOLVED = 1980    # of 2,000 new dots
TWO_DIGITS = {.1: 10, 3.: 40}   # rate to epochs

def digits(name, lr, seed, loaders, epochs=20):
    "Right answers after so many epochs, and of how many"
    set_seed(seed)
    model, (train, valid) = EVEN[name](), loaders
    opt = BasicOptim(model.parameters(), lr)
    of = sum(len(x) for x, _ in valid)
    return round(train_model(model, train, valid, opt, mnist_loss, epochs)[-1]*of), of

def on_rings(hidden, lr, seed):
    "Right answers of 2,000 new dots"
    return round(rings_net(hidden, seed, lr)[1]*2000), 2000

def read_rows():
    "The rows of the file, with numbers where numbers are"
    return [r | dict(lr=float(r['lr']), **{k: int(r[k]) for k in ('seed', 'right', 'of')}) for r in table.read(FILE)]

def right(rows, task, model, lr=None):
    "The right answers of a model, a number for each seed"
    return [r['right'] for r in rows if (r['task'], r['model']) == (task, model) and lr in (None, r['lr'])]

def chosen(rows, name):
    "The rate with the highest mean on the held-back pictures"
    return max(RATES['even, held back'], key=lambda lr: mean(right(rows, 'even, held back', name, lr)))

def run(task, jobs, train):
    "Train what the file lacks, a row at a time"
    done = {(r['task'], r['model'], r['lr'], r['seed']) for r in read_rows()}
    for model, lr, seed in jobs:
        if (task, str(model), lr, seed) in done: continue
        row = [task, model, lr, seed, *train(model, lr, seed)]
        table.append(FILE, [dict(zip(FIELDS, row))])
        print(*row, flush=True)

def main(args):
    if '--summary' not in args:
        held = even_dls(held_back=True)
        run('even, held back', [(name, lr, seed) for seed in range(3) for name in EVEN for lr in RATES['even, held back']],
            lambda *job: digits(*job, held))
        rows, final = read_rows(), even_dls()
        run('even', [(name, chosen(rows, name), seed) for seed in range(10, 20) for name in EVEN],
            lambda *job: digits(*job, final))
        held = digit_dls(held_back=True)
        run('3 or 7, held back', [(name, lr, seed) for lr in TWO_DIGITS for name in EVEN for seed in range(20)],
            lambda name, lr, seed: digits(name, lr, seed, held, TWO_DIGITS[lr]))
        run('rings', [(hidden, lr, seed) for lr in RATES['rings'] for hidden in WIDTHS for seed in range(20)], on_rings)
    rows = read_rows()
    for name in EVEN:
        lr, accuracies = chosen(rows, name), [n/10_000 for n in right(rows, 'even', name)]
        print(f'even, {name}, rate {lr}: {mean(accuracies):.4f} ± {stdev(accuracies):.4f}, '
              f'{min(accuracies)} to {max(accuracies)} ({len(accuracies)})')
    for lr, epochs in TWO_DIGITS.items():
        for name in EVEN:
            found = right(rows, '3 or 7, held back', name, lr)
            print(f'3 or 7, {name}, rate {lr}, {epochs} epochs: {mean(found):.2f} ± {stdev(found):.2f} of 2,065 ({len(found)})')
    for lr in RATES['rings']:
        solved = {hidden: sum(n >= SOLVED for n in right(rows, 'rings', str(hidden), lr)) for hidden in WIDTHS}
        print(f'rings, rate {lr}: solved from so many of 20 starts', solved)

if __name__ == '__main__':
    torch.set_num_threads(1)
    main(sys.argv[1:])
