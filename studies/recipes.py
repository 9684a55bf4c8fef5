"""Which rate, and how many epochs? Every recipe of the book, chosen on the held-back training pictures.

    python studies/recipes.py           # the rows that studies/recipes.csv lacks, then what is chosen
    python studies/recipes.py --choose  # what is chosen from the rows that are there

One in six training pictures is held back (`load_digits('held_back')`), the rest is trained on. The
validation pictures take no part. For each model and rate the mean over the seeds is taken after each
number of epochs; the recipe is the smallest number of epochs, at whatever rate, whose mean is not more
than a standard error below the highest mean. On the CPU, the models of ten digits on one thread.
"""
import os, sys
from pathlib import Path
from statistics import mean, stdev

os.environ['MNIST_FUNDAMENTALS_DEVICE'] = 'cpu'

import table, torch
import torch.nn.functional as F
from mnist_fundamentals.book.fastai_loaders import as_dataloaders
from mnist_fundamentals.data import set_seed
from mnist_fundamentals.learner import linear_model, train_from_seed
from mnist_fundamentals.linear_classifier import validate_epoch
from mnist_fundamentals.resnet import digit_image_dls, resnet18_learner
from mnist_fundamentals.simple_net import simple_net
from mnist_fundamentals.ten_digits import class_accuracy, ten_linear, ten_simple_net, train_digit_convnet

FILE = Path(__file__).with_name('recipes.csv')
FIELDS = ['model', 'lr', 'seed', 'epochs', 'right', 'of']
HELD = 2065   # pictures held back: 1,021 threes and 1,044 sevens
HELD_TEN = 9996   # of all ten digits

def held(model):
    "How many pictures are held back of the digits that a model knows"
    return HELD_TEN if model.startswith('ten_') else HELD

def loop(make, lr, seed):
    "Right answers after 10, 20, 40 and 80 epochs of our own loop"
    _, accuracies = train_from_seed(make, 80, lr, seed, held_back=True)
    return {epochs: accuracies[epochs - 1] for epochs in (10, 20, 40, 80)}

def one_cycle(lr, seed):
    "Right answers of resnet18 after its one epoch"
    set_seed(seed)
    learn = resnet18_learner(lr=lr, device='cpu')
    learn.dls = as_dataloaders(digit_image_dls(device='cpu', held_back=True))
    with learn.no_bar(), learn.no_logging(): learn.fit_one_cycle(1, lr)
    return {1: learn.recorder.values[-1][2]}

def ten_loop(make, lr, seed):
    "Right answers of ten scores after 5, 10, 20 and 40 epochs of our own loop"
    _, accuracies = train_from_seed(make, 40, lr, seed, F.cross_entropy, metric=class_accuracy,
                                    digits=range(10), held_back=True)
    return {epochs: accuracies[epochs - 1] for epochs in (5, 10, 20, 40)}

def ten_convnet(lr, seed):
    "Right answers of the small convolutional net after one epoch"
    net = train_digit_convnet(1, seed, 'cpu', peak=lr, held_back=True)
    _, held_back = digit_image_dls(range(10), device='cpu', held_back=True)
    return {1: validate_epoch(net, held_back, class_accuracy)}

GRID = {   # model: (rates, seeds, a function of rate and seed)
    'linear': ([.3, 1., 3., 10., 30.], 20, lambda lr, seed: loop(lambda: linear_model(.01), lr, seed)),
    'simple_net': ([.3, 1., 3., 10.], 20, lambda lr, seed: loop(simple_net, lr, seed)),
    'resnet18': ([.003, .01, .03], 20, one_cycle),
    'ten_convnet': ([.005, .01, .02, .03, .05], 20, ten_convnet),
    'ten_linear': ([.1, .3, 1.], 20, lambda lr, seed: ten_loop(ten_linear, lr, seed)),
    'ten_simple_net': ([.1, .3, 1.], 20, lambda lr, seed: ten_loop(ten_simple_net, lr, seed))}

def read_rows():
    "The rows of the file, each a dict of strings"
    return table.read(FILE)

def chosen(rows, model):
    "Rate, epochs, mean and standard deviation of the right answers of the recipe, and the seeds"
    runs = {}
    for row in rows:
        if row['model'] == model: runs.setdefault((float(row['lr']), int(row['epochs'])), []).append(int(row['right']))
    best = max(runs.values(), key=mean)
    least = mean(best) - stdev(best)/len(best)**.5
    lr, epochs = min((key for key in runs if mean(runs[key]) >= least), key=lambda key: (key[1], -mean(runs[key])))
    right = runs[lr, epochs]
    return dict(lr=lr, epochs=epochs, mean=mean(right), sd=stdev(right), seeds=len(right))

def main(args):
    rows = read_rows()
    done = {(row['model'], float(row['lr']), int(row['seed'])) for row in rows}
    models = [a for a in args if a in GRID] or list(GRID)
    for model in [] if '--choose' in args else models:
        rates, seeds, train = GRID[model]
        torch.set_num_threads(1 if model.startswith('ten_') else 2)
        for lr, seed in [(lr, seed) for lr in rates for seed in range(seeds) if (model, lr, seed) not in done]:
            new = [dict(zip(FIELDS, [model, lr, seed, epochs, round(accuracy*held(model)), held(model)]))
                   for epochs, accuracy in train(lr, seed).items()]
            table.append(FILE, new)
            print(*new[-1].values(), flush=True)
    rows = read_rows()
    for model in GRID:
        if any(row['model'] == model for row in rows): print(model, chosen(rows, model))

if __name__ == '__main__': main(sys.argv[1:])
