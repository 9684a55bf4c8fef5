"""Does it pay to standardise the pixels? The linear model and simple_net, on the held-back pictures.

    python studies/standardize.py             # the rows that studies/standardize.csv lacks, then a summary
    python studies/standardize.py --summary   # the summary of the rows that are there

Chapter 4 standardises the time of its roller coaster; the book's digits are divided by 255 and no more.
Here that is compared with three other ways, each with rates of its own. The means and deviations are those
of the pictures that are trained on. One training from a seed trains a copy of the model for each rate, all
on the same batches. On the CPU.
"""
import os, sys
from pathlib import Path
from statistics import mean, stdev

os.environ['MNIST_FUNDAMENTALS_DEVICE'] = 'cpu'

import table, torch
from torch.func import functional_call, vmap
from mnist_fundamentals.data import set_seed
from mnist_fundamentals.learner import linear_model
from mnist_fundamentals.linear_classifier import digit_tensors
from mnist_fundamentals.simple_net import simple_net

FILE = Path(__file__).with_name('standardize.csv')
FIELDS = ['model', 'pixels', 'lr', 'seed', 'epochs', 'right', 'of']
SEEDS, EPOCHS, BATCH = 10, (1, 10, 40), 256
MAKE = dict(linear=linear_model, simple_net=simple_net)
RATES = {   # model: pixels: rates
    'linear': {'divided by 255': [1., 3., 10., 30.], 'centred': [1., 3., 10., 30.],
               'one scale': [.1, .3, 1., 3., 10.], 'each its own': [.01, .03, .1, .3, 1., 3., 10.]},
    'simple_net': {'divided by 255': [.3, 1., 3., 10.], 'centred': [.3, 1., 3., 10., 30.],
                   'one scale': [.03, .1, .3, 1., 3., 10.], 'each its own': [.03, .1, .3, 1., 3., 10.]}}

def scaled(pixels):
    "Pictures to train on and pictures held back, each x and y, with the pixels scaled in one of the four ways"
    (x, y), held = (digit_tensors(split, device='cpu') for split in ('fit', 'held_back'))
    own = x.std(0)
    own[own == 0] = 1          # a pixel that never has ink stays 0
    mean, std = {'divided by 255': (0, 1), 'centred': (x.mean(0), 1), 'one scale': (x.mean(), x.std()),
                 'each its own': (x.mean(0), own)}[pixels]
    return (x - mean)/std, y, (held[0] - mean)/std, held[1]

def train(model, pixels, seed, lrs):
    "Rate and epochs to the right answers of the held-back pictures"
    x, y, held_x, held_y = scaled(pixels)
    rates = torch.tensor(lrs)
    set_seed(seed)
    net = MAKE[model]()
    params = {name: p.detach().expand(len(rates), *p.shape).clone().requires_grad_() for name, p in net.named_parameters()}
    scores = lambda x: vmap(lambda params: functional_call(net, params, (x,)))(params)   # [rates,n,1]
    right = {}
    for epoch in range(1, EPOCHS[-1] + 1):
        for rows in torch.randperm(len(x)).split(BATCH):
            loss = (scores(x[rows]).sigmoid() - y[rows]).abs().mean((1, 2)).sum()    # `mnist_loss`, for each rate
            grads = torch.autograd.grad(loss, list(params.values()))
            with torch.no_grad():
                for p, grad in zip(params.values(), grads): p -= rates.view(-1, *[1]*(p.ndim - 1))*grad
        if epoch in EPOCHS:
            with torch.no_grad(): counts = ((scores(held_x) > 0) == (held_y == 1)).sum((1, 2))
            right |= {(lr, epoch): n for lr, n in zip(lrs, counts.tolist())}
    return right

def read_rows():
    "The rows of the file, each a dict of strings"
    return table.read(FILE)

def summary(rows):
    "(model, pixels, epochs) to the best of its rates: the rate, and the right answers, one a seed"
    runs = {}
    for row in rows:
        key = row['model'], row['pixels'], int(row['epochs'])
        runs.setdefault(key, {}).setdefault(float(row['lr']), []).append(int(row['right']))
    return {key: max(rates.items(), key=lambda item: mean(item[1])) for key, rates in runs.items()}

def main(args):
    done = {(row['model'], row['pixels'], int(row['seed']), float(row['lr'])) for row in read_rows()}
    held = len(digit_tensors('held_back', device='cpu')[0])
    wanted = [(model, pixels, seed) for seed in range(SEEDS) for model, ways in RATES.items() for pixels in ways]
    for model, pixels, seed in [] if '--summary' in args else wanted:
        lrs = [lr for lr in RATES[model][pixels] if (model, pixels, seed, lr) not in done]
        if not lrs: continue
        new = [dict(zip(FIELDS, [model, pixels, lr, seed, epochs, right, held]))
               for (lr, epochs), right in train(model, pixels, seed, lrs).items()]
        table.append(FILE, new)
        print(*new[-1].values(), flush=True)
    for key, (lr, right) in sorted(summary(read_rows()).items()):
        print(*key, f'rate {lr:g}: {mean(right):.1f} ± {stdev(right):.1f} of {len(right)} seeds', sep=', ')

if __name__ == '__main__':
    torch.set_num_threads(1)
    main(sys.argv[1:])
