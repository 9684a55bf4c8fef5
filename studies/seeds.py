"""How much of a result is chance? Train each model from many seeds, and keep what came of it.

    python studies/seeds.py                        # the rows that mnist_fundamentals/seeds.csv lacks
    python studies/seeds.py --print linear:7       # one row, or several, trained anew

On the CPU with two threads (one where it says so, and for ON_ONE), with the versions of constraints.txt; on a machine like
PLATFORM a row repeats to the last bit.
"""
import argparse, csv, hashlib, json, os, sys
from functools import cache
from pathlib import Path

os.environ['MNIST_FUNDAMENTALS_DEVICE'] = 'cpu'

import torch
import torch.nn.functional as F
from torch import nn
from mnist_fundamentals.book.sample import mnist_sample
from mnist_fundamentals.data import set_seed
from mnist_fundamentals.learner import digit_learner, linear_model, train_from_seed
from mnist_fundamentals.linear_classifier import digit_dls, digit_tensors, mnist_loss
from mnist_fundamentals.resnet import train_resnet18
from mnist_fundamentals.simple_net import simple_net
from mnist_fundamentals.ten_digits import class_accuracy, ten_linear, ten_simple_net, train_digit_convnet

FILE = Path(__file__).resolve().parents[1]/'mnist_fundamentals'/'seeds.csv'
PLATFORM = 'Linux x86_64, GenuineIntel, AVX512'   # where the rows of the file were trained
FIELDS = ['experiment', 'seed', 'epochs', 'right_first', 'right', 'loss', 'weights']
TEN = range(10)
ON_ONE = 'ten_linear', 'ten_simple_net', 'ten_convnet'   # trained on one thread: two gain nothing with such small steps

@cache
def valid(digits=(3, 7)):
    "Validation pictures as rows, and their targets"
    return digit_tensors('valid', digits, device='cpu')

def no_sigmoid(predictions, targets):
    "`mnist_loss` as it is when its sigmoid is forgotten"
    return torch.where(targets == 1, 1 - predictions, predictions).mean()

def by_loop(make, epochs, lr, seed, loss_func=mnist_loss, **parts):
    "A training by our own loop: the model, its validation accuracies, and its last validation loss"
    model, accuracies = train_from_seed(make, epochs, lr, seed, loss_func, **parts)
    x, y = valid(parts.get('digits', (3, 7)))
    with torch.no_grad(): return model, accuracies, loss_func(model(x), y).item()

def by_ten(make, epochs, lr, seed):
    "The same of a model with ten scores"
    return by_loop(make, epochs, lr, seed, F.cross_entropy, metric=class_accuracy, digits=TEN)

def convnet(epochs, peak, seed):
    "The small convolutional net: its model, its one accuracy, and its validation loss"
    net, (x, y) = train_digit_convnet(epochs, seed, 'cpu', peak), valid(TEN)
    with torch.no_grad(): scores = torch.cat([net(part) for part in x.view(-1, 1, 28, 28).split(1000)])
    return net, [class_accuracy(scores, y).item()], F.cross_entropy(scores, y).item()

def by_learner(make, epochs, lr, seed, **parts):
    "The same by fastai's Learner"
    set_seed(seed)
    learn = digit_learner(make(), digit_dls(**parts), lr)
    with learn.no_bar(), learn.no_logging(): learn.fit(epochs)
    return from_learner(learn)

def from_learner(learn):
    return learn.model, [row[2] for row in learn.recorder.values], learn.recorder.values[-1][1]

def resnet(seed, **others): return from_learner(train_resnet18(seed=seed, **others))

def source_resnet(seed):
    "resnet18 as the page has it: fastai's four lines, on a folder of files"
    from fastai.vision.all import ImageDataLoaders, accuracy, resnet18, vision_learner
    set_seed(seed)
    dls = ImageDataLoaders.from_folder(mnist_sample(), num_workers=0)
    learn = vision_learner(dls, resnet18, pretrained=False, loss_func=F.cross_entropy, metrics=accuracy)
    learn.recorder.add_time = False
    with learn.no_bar(), learn.no_logging(): learn.fit_one_cycle(1, 0.1)
    return from_learner(learn)

def large_start(seed, **others): return by_loop(lambda: linear_model(1.), 20, 1., seed, **others)

default_linear = lambda: nn.Linear(28*28, 1)

EXPERIMENTS = {   # name: (how many seeds, counted from 0; a function of the seed)
    # the book's models, by the recipes that studies/recipes.py chose
    'linear': (50, lambda seed: by_loop(linear_model, 40, 10., seed)),
    'linear_learner': (50, lambda seed: by_learner(linear_model, 40, 10., seed)),
    'simple_net': (50, lambda seed: by_loop(simple_net, 40, 3., seed)),
    'resnet18': (20, resnet),
    # experiments: large starting weights, 20 epochs at rate 1, with one or two things left out
    'large start': (20, large_start),
    'large start, no sigmoid': (20, lambda seed: large_start(seed, loss_func=no_sigmoid)),
    'large start, not shuffled': (20, lambda seed: large_start(seed, shuffle=False)),
    'large start, neither': (20, lambda seed: large_start(seed, loss_func=no_sigmoid, shuffle=False)),
    # the recipes of the page that nbs/evidence.ipynb looks at, as it has them and shuffled
    'source linear': (20, lambda seed: by_learner(default_linear, 10, 1., seed, shuffle=False)),
    'source linear, shuffled': (20, lambda seed: by_learner(default_linear, 10, 1., seed)),
    'source net': (20, lambda seed: by_learner(simple_net, 40, .1, seed, shuffle=False)),
    'source net, shuffled': (20, lambda seed: by_learner(simple_net, 40, .1, seed)),
    'source resnet18': (5, source_resnet),
    'resnet18, one thread': (2, resnet),
    # the book's models of ten digits, by the recipes that studies/recipes.py chose
    'ten_linear': (50, lambda seed: by_ten(ten_linear, 40, .3, seed)),
    'ten_simple_net': (50, lambda seed: by_ten(ten_simple_net, 40, .3, seed)),
    'ten_convnet': (50, lambda seed: convnet(1, .03, seed)),
    'ten_resnet18': (5, lambda seed: resnet(seed, digits=TEN))}

def digest(model):
    "The first 16 hexadecimal digits of the SHA-256 of all that the model holds"
    arrays = [t.detach().contiguous().numpy().tobytes() for t in model.state_dict().values()]
    return hashlib.sha256(b''.join(arrays)).hexdigest()[:16]

def row(name, seed):
    """One training, as FIELDS: how many validation pictures are right after the first epoch and
    after the last, the validation loss after the last, and the weights' digest"""
    torch.set_num_threads(1 if name.endswith('one thread') or name in ON_ONE else 2)
    model, accuracies, loss = EXPERIMENTS[name][1](seed)
    of = len(valid(TEN if name.startswith('ten_') else (3, 7))[1])
    first, last = (round(accuracies[i]*of) for i in (0, -1))
    return dict(zip(FIELDS, map(str, [name, seed, len(accuracies), first, last, f'{loss:.6f}', digest(model)])))

def read_rows():
    "The rows of the file, each a dict of strings"
    if not FILE.exists(): return []
    with FILE.open(newline='', encoding='utf-8') as file: return list(csv.DictReader(file))

def main(args):
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--print', nargs='+', metavar='EXPERIMENT:SEED')
    args = parser.parse_args(args)
    if args.print:
        for name, seed in (text.rsplit(':', 1) for text in args.print): print(json.dumps(row(name, int(seed))))
        return
    wanted = [(name, seed) for name, (n, _) in EXPERIMENTS.items() for seed in range(n)]
    rows = {(r['experiment'], int(r['seed'])): r for r in read_rows()}
    for key in wanted:
        if key in rows: continue
        rows[key] = row(*key)
        print(*rows[key].values(), flush=True)
        with FILE.open('w', newline='', encoding='utf-8') as file:
            writer = csv.DictWriter(file, FIELDS, lineterminator='\n')
            writer.writeheader()
            writer.writerows(rows[key] for key in wanted if key in rows)

if __name__ == '__main__': main(sys.argv[1:])
