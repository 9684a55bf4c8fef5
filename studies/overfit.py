"""Which cure for overfitting is worth what? One net, 500 pictures, and one thing changed at a time.

    python studies/overfit.py            # the rows that mnist_fundamentals/overfit.csv lacks, then what they say
    python studies/overfit.py --summary  # what the rows that are there say

`large_net` is trained by Adam at the rate 0.001, in batches of 50, on pictures of the ten digits: 500 of them, or
more. Each training sees 100,000 pictures, however often each of them, and all that there are five times; only
stopping early ends before. The seed says which pictures, where the net starts and in what order it sees them: with
one seed, all cures have the same start. held_back: trained on pictures of `fit`, judged on the 9,996 held back;
there the amounts are chosen, and every fifth of them says when to stop. valid: the recipes chosen there, once, on
the 10,000 of the test set.
On the CPU, in one thread.
"""
import os, sys
from pathlib import Path
from statistics import mean, stdev

os.environ['MNIST_FUNDAMENTALS_DEVICE'] = 'cpu'

import table
import torch
import torch.nn.functional as F
from mnist_fundamentals.book.bundle import HERE
from mnist_fundamentals.book.loaders import tensor_loader
from mnist_fundamentals.data import load_digits, set_seed
from mnist_fundamentals.linear_classifier import train_epoch, validate_epoch
from mnist_fundamentals.overfitting import Moved, few_digits, large_net, train_until_best, with_dropout
from mnist_fundamentals.ten_digits import class_accuracy

FILE, SEEDS, SEEN, EPOCHS, BATCH, RATE = HERE/'overfit.csv', range(5), 100_000, 5, 50, .001
ALL = {'held_back': 50_004, 'valid': 60_000}       # training pictures that there are
AMOUNTS = {   # cure to the amounts that are tried
    'nothing': ['-'], 'rate': [.0003, .003],
    'more pictures': [1000, 2000, 5000, 20_000, ALL['held_back']],
    'shifts and turns': ['1 5', '2 15', '4 30'], 'dropout': [.3, .5, .7, .8, .9], 'weight decay': [.1, .3, 1., 3.],
    'stopping early': [10], 'shifts, turns and dropout': ['2 15 0.3', '2 15 0.5', '2 15 0.7']}

def whole(split):
    "All pictures of a part, and their digits"
    images, labels = load_digits(split, range(10))
    return images[:, None].float()/255, labels

def recipe(cure, amount, part):
    "What a cure changes: pictures, rate, shift and turn, p of dropout, weight decay, patience"
    found = dict(n=500, lr=RATE, move=None, p=0, decay=0., patience=None)
    if cure == 'more pictures': found['n'] = ALL['valid'] if part == 'valid' else int(amount)
    if cure == 'rate': found['lr'] = float(amount)
    if 'shifts' in cure: found['move'] = tuple(map(float, str(amount).split()[:2]))
    if 'dropout' in cure: found['p'] = float(str(amount).split()[-1])
    if cure == 'weight decay': found['decay'] = float(amount)
    if cure == 'stopping early': found['patience'] = int(amount)
    return found

def train(cure, amount, seed, part):
    "The net, the pictures that it was trained on, and how many steps it took"
    r = recipe(cure, amount, part)
    split = 'train' if part == 'valid' else 'fit'
    x, y = whole(split) if r['n'] == ALL[part] else few_digits(r['n'], seed)
    set_seed(seed)
    net = with_dropout(large_net(), r['p']) if r['p'] else large_net()
    opt = torch.optim.AdamW(net.parameters(), r['lr'], weight_decay=r['decay'], fused=True)
    dl = tensor_loader(x, y, BATCH, shuffle=True)
    if r['move']: dl = Moved(dl, *r['move'])
    epochs = max(EPOCHS, round(SEEN/len(x)))
    if r['patience']:
        watched = [t[::5] for t in whole('held_back')]
        epochs = len(train_until_best(net, dl, watched, opt, r['patience']))
    else:
        for _ in range(epochs): train_epoch(net, dl, opt, F.cross_entropy)
    return net, tensor_loader(x, y, 1000), epochs*len(dl)

def judged(cure, amount, seed, part):
    "A row: loss and right answers on the pictures trained on and on those of the part"
    net, trained, steps = train(cure, amount, seed, part)
    row = dict(part=part, cure=cure, amount=str(amount), seed=seed, steps=steps)
    for name, dl in (('trained', trained), ('new', tensor_loader(*whole(part), 1000))):
        of = sum(len(x) for x, _ in dl)
        row |= {f'{name}_loss': f'{validate_epoch(net, dl, F.cross_entropy):.5f}',
                f'{name}_right': round(of*validate_epoch(net, dl, class_accuracy)), f'{name}_of': of}
    return row

def read_rows():
    "The rows of the file, with numbers where numbers are"
    texts = 'part', 'cure', 'amount'
    return [{k: v if k in texts else float(v) if k.endswith('loss') else int(v) for k, v in r.items()} for r in table.read(FILE)]

def rows_of(rows, part, cure, amount=None):
    "Those of a cure, from all seeds"
    return [r for r in rows if (r['part'], r['cure']) == (part, cure) and amount in (None, r['amount'])]

def right(rows, part, cure, amount=None): return [r['new_right'] for r in rows_of(rows, part, cure, amount)]

def chosen(rows, cure):
    "The amount with the most right answers on the pictures held back"
    return max(map(str, AMOUNTS[cure]), key=lambda amount: mean(right(rows, 'held_back', cure, amount)))

def run(jobs):
    "Train what the file lacks, a row at a time"
    done = {(r['part'], r['cure'], r['amount'], r['seed']) for r in read_rows()}
    for cure, amount, seed, part in jobs:
        if (part, cure, str(amount), seed) in done: continue
        row = judged(cure, amount, seed, part)
        table.append(FILE, [row])
        print(*row.values(), flush=True)

REPORTED = 'nothing', 'shifts, turns and dropout', 'more pictures'

def main(args):
    if '--summary' not in args:
        run([(cure, amount, seed, 'held_back') for seed in SEEDS for cure, amounts in AMOUNTS.items() for amount in amounts])
        rows = read_rows()
        run([(cure, chosen(rows, cure), seed, 'valid') for seed in SEEDS for cure in REPORTED])
    groups = {}
    for row in read_rows(): groups.setdefault((row['part'], row['cure'], row['amount']), []).append(row)
    for name, rows in groups.items():
        accuracies = [r['new_right']/r['new_of'] for r in rows]
        spread = f' ± {stdev(accuracies):.4f}' if len(rows) > 1 else ''
        print(*name, len(rows), f'steps {mean(r["steps"] for r in rows):.0f}', f'{mean(accuracies):.4f}{spread}',
              f'loss {mean(r["new_loss"] for r in rows):.4f}', f'on its own {mean(r["trained_right"]/r["trained_of"] for r in rows):.4f}',
              f'{mean(r["trained_loss"] for r in rows):.4f}')

if __name__ == '__main__':
    torch.set_num_threads(1)
    main(sys.argv[1:])
