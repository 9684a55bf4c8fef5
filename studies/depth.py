"""What are depth and convolution for? Nets of equal size that differ in one thing, and shifted digits.

    python studies/depth.py           # the rows that the two tables lack, then what they say
    python studies/depth.py --summary # what the rows say that are there

Five nets of 23,426 to 23,695 parameters: one to four hidden layers, and three convolutions. Each is trained
alike by `train_cycle`: 12,000 pictures, batches of 128, five epochs of Adam with a rate that goes up and down.
studies/depth.csv: the peak of the rate, chosen for each net and question on the held-back training pictures.
mnist_fundamentals/depth.csv: trained anew at that peak on the training pictures, right answers of the validation
pictures; for 3 or 7 also with the pictures shifted by 1 to 8 pixels to the right, ink that leaves the page
being lost. The same for the book's models, trained by their own functions. On the CPU, with two threads.
"""
import os, sys
from pathlib import Path
from statistics import mean, stdev

os.environ['MNIST_FUNDAMENTALS_DEVICE'] = 'cpu'

import table
import torch
from mnist_fundamentals.book.bundle import HERE
from mnist_fundamentals.book.loaders import tensor_loader
from mnist_fundamentals.book.models import mean_digits
from mnist_fundamentals.data import load_digits, set_seed
from mnist_fundamentals.learner import train_linear
from mnist_fundamentals.pixel_similarity import PixelSimilarity
from mnist_fundamentals.resnet import conv_net, dense_net, shift_right, train_cycle, train_resnet18
from mnist_fundamentals.simple_net import train_simple_net

CHOOSING, RESULTS = Path(__file__).with_name('depth.csv'), HERE/'depth.csv'
SHIFTS = range(9)
FIELDS = {CHOOSING: ['question', 'model', 'peak', 'seed', 'right', 'of'],
          RESULTS: ['question', 'model', 'peak', 'seed', 'of', *map(str, SHIFTS)]}
NETS = {   # name to a function that makes the net, and its seeds
    '1 hidden layer': (lambda: dense_net(30), 20), '2 hidden layers': (lambda: dense_net(29, 29), 20),
    '3 hidden layers': (lambda: dense_net(28, 28, 28), 20), '4 hidden layers': (lambda: dense_net(27, 27, 27, 27), 20),
    '3 convolutions': (lambda: conv_net(16, 32, 64), 10)}
QUESTIONS = {'3 or 7': (3, 7), 'even or odd': tuple(range(10))}
PEAKS, CHOOSING_SEEDS, EPOCHS = [.003, .01, .03, .1, .3], range(100, 102), 5

def two_scores(train):
    "A model of the book that takes rows and gives the score of a 3, as one that takes pages and gives two scores"
    def make(seed):
        model = train(seed).eval()
        return lambda x: model(x.flatten(1)) @ torch.tensor([[1., -1.]])
    return make

BOOK = {'pixel_similarity': (two_scores(lambda seed: PixelSimilarity(*mean_digits())), 1),
        'linear': (two_scores(lambda seed: train_linear(seed=seed)), 5),
        'simple_net': (two_scores(lambda seed: train_simple_net(seed=seed)), 5),
        'resnet18': (lambda seed: train_resnet18(seed=seed, device='cpu').model.eval(), 5)}

def pictures(split, question):
    "x, float [n,1,28,28], and y, int64 [n]: class 1 is a 7, or an odd digit; of all ten digits every fifth training picture"
    images, labels = load_digits(split, QUESTIONS[question])
    if question == 'even or odd' and split in ('train', 'fit'): images, labels = images[::5], labels[::5]
    y = labels == 7 if question == '3 or 7' else labels%2 == 1
    return images[:, None].float()/255, y.long()

def train(net, question, split, peak, seed):
    "The net of that name, trained"
    set_seed(seed)
    model = NETS[net][0]()
    train_cycle(model, tensor_loader(*pictures(split, question), 128, shuffle=True), peak, EPOCHS)
    return model

@torch.no_grad()
def right(model, x, y):
    "How many pictures it gets right"
    return (model(x).argmax(1) == y).sum().item()

def counted(model, question):
    "Right answers of the validation pictures at each shift; of all ten digits at none"
    x, y = pictures('valid', question)
    shifts = SHIFTS if question == '3 or 7' else [0]
    return {'of': len(x)} | {str(k): right(model, shift_right(x, k), y) for k in shifts}

def read_rows(file):
    "The rows of a table, each a dict of strings"
    return table.read(file)

def write_row(file, row):
    "Add a row to a table"
    table.append(file, [row], FIELDS[file])
    print(*row.values(), flush=True)

def chosen(question, net):
    "The peak with the most right answers on the held-back pictures"
    by_peak = {}
    for row in read_rows(CHOOSING):
        if (row['question'], row['model']) == (question, net):
            by_peak.setdefault(float(row['peak']), []).append(int(row['right']))
    return max(by_peak, key=lambda peak: mean(by_peak[peak]))

def choose(question, net):
    "The rows of the peaks that are not there yet"
    done = {(r['question'], r['model'], float(r['peak']), int(r['seed'])) for r in read_rows(CHOOSING)}
    for peak in PEAKS:
        for seed in CHOOSING_SEEDS:
            if (question, net, peak, seed) in done: continue
            x, y = pictures('held_back', question)
            model = train(net, question, 'fit', peak, seed)
            write_row(CHOOSING, dict(question=question, model=net, peak=peak, seed=seed, right=right(model, x, y), of=len(x)))

def judge(question, name, peak, make, seeds):
    "The rows of the results that are not there yet; `make` gives a trained model for a seed; no peak for the book's models"
    done = {(r['question'], r['model'], int(r['seed'])) for r in read_rows(RESULTS)}
    for seed in range(seeds):
        if (question, name, seed) not in done:
            write_row(RESULTS, dict(question=question, model=name, peak=peak, seed=seed) | counted(make(seed), question))

def summary():
    "Mean and standard deviation over the seeds for each model"
    groups = {}
    for row in read_rows(RESULTS): groups.setdefault((row['question'], row['model']), []).append(row)
    for (question, name), rows in groups.items():
        print(question, name, f'peak {rows[0]["peak"]}' if name in NETS else '', len(rows), 'seeds')
        for k in map(str, SHIFTS):
            values = [int(r[k]) for r in rows if r[k]]
            if values: print('   shift', k, f'{mean(values):.1f}', f'± {stdev(values):.1f}' if len(values) > 1 else '', 'of', rows[0]['of'])

def main(args):
    for question in [] if '--summary' in args else QUESTIONS:
        for net, (_, seeds) in NETS.items():
            choose(question, net)
            peak = chosen(question, net)
            judge(question, net, peak, lambda seed: train(net, question, 'train', peak, seed), seeds)
        if question == '3 or 7':
            for name, (make, seeds) in BOOK.items(): judge(question, name, None, make, seeds)
    summary()

if __name__ == '__main__':
    torch.set_num_threads(2)
    main(sys.argv[1:])
