"""What `predict` says of 400 drawn digits, of 400 pictures that are no digit, and of MNIST's 10,000.

    python studies/drawn.py    # writes studies/drawn.csv

The net is trained as the command trains it; the pictures are made anew each time, the same ones. Of the
digits, forty of each kind, half are dark ink on light paper. A row counts pictures: right,
called a digit with more than 90%, doubtful, and passed, that is over 90% without a doubt.
"""
import csv, os
from pathlib import Path

os.environ['MNIST_FUNDAMENTALS_DEVICE'] = 'cpu'

import table
import torch
from mnist_fundamentals.book.nondigits import look_alikes, no_digits
from mnist_fundamentals.book.predict import RIVAL, UNLIKE, fit_digit
from mnist_fundamentals.data import load_digits
from mnist_fundamentals.draw import drawn_digits, known_directions, likeness
from mnist_fundamentals.ten_digits import softmax, train_digit_convnet

FILE = Path(__file__).with_name('drawn.csv')

def fitted(pages, dark=()):
    "Pages as the command prepares them; those with the places `dark` are handed over as dark ink on light paper"
    images = [(255*(1 - page if i in dark else page)).round().byte() for i, page in enumerate(pages)]
    return torch.stack([fit_digit(image)[0] for image in images])

@torch.no_grad()
def count(net, known, kind, pages, labels=None):
    "A row of the table; labels: what the pictures are, if they are digits"
    parts = [(softmax(net(part[:, None])), likeness(net, part, known)) for part in pages.split(1000)]
    found, like = (torch.cat(column) for column in zip(*parts))
    (first, second), answers = found.topk(2).values.T, found.argmax(1)
    doubtful = (like < UNLIKE) | (second > RIVAL)
    counts = [first > .9, doubtful, (first > .9) & ~doubtful]
    return dict(kind=kind, pictures=len(pages), right='' if labels is None else (answers == labels).sum().item(),
                **{name: c.sum().item() for name, c in zip(('over_90', 'doubtful', 'passed'), counts)})

def measure(net):
    "All rows of the table, for a trained `digit_convnet`"
    known = known_directions(net)
    pages, labels = drawn_digits(400, seed=1, digits=range(10))
    pages = fitted(pages, dark={i for i in range(400) if i//10 % 2})   # every second row of ten
    rows = [count(net, known, str(d), pages[labels == d], labels[labels == d]) for d in range(10)]
    rows += [count(net, known, kind, fitted(others)) for kind, others in no_digits('test').items()]
    rows.append(count(net, known, 'letters like digits', fitted(look_alikes())))
    images, labels = load_digits('valid', range(10))
    return rows + [count(net, known, 'MNIST', images.float()/255, labels)]

def read_rows():
    "The rows of the file, with numbers where numbers are"
    return [row | {k: int(v) for k, v in row.items() if v.isdigit() and k != 'kind'} for row in table.read(FILE)]

def main():
    rows = measure(train_digit_convnet(device='cpu'))
    with FILE.open('w', newline='', encoding='utf-8') as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator='\n')
        writer.writeheader()
        writer.writerows(rows)
    print(FILE.read_text(encoding='utf-8'))

if __name__ == '__main__':
    torch.set_num_threads(1)
    main()
