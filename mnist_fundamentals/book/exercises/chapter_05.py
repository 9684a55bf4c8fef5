"Exercises of chapter 5: a linear classifier"
from functools import cache, partial
import torch
from torch import nn
from . import Exercise
from .compare import describe, difference, outcome_of, same
from ...linear_classifier import (batch_accuracy, digit_dls, digit_tensors, linear1, mnist_loss, train_epoch,
    validate_epoch)

# A loss

def squared(scores, targets): return ((scores.sigmoid() - targets)**2).mean()

# The mean of a metric

def model_of_3(xb): return xb.sum(1, keepdim=True) - 1

def batches_of(*sizes):
    "Rows of three numbers; the model is right about most of the first batch, and about half of the others"
    x = torch.randn(sum(sizes), 3, generator=torch.Generator().manual_seed(1))
    y = torch.tensor([[1.], [0.]]).repeat(len(x), 1)[:len(x)]
    y[:sizes[0]] = (model_of_3(x[:sizes[0]]) > .3).float()
    return list(zip(x.split(list(sizes)), y.split(list(sizes))))

def by_batch(model, dl): return [(batch_accuracy(model(xb), yb), len(xb)) for xb, yb in dl]

# A prediction

@cache
def sorted_epoch(digits=(7, 3)):
    "Accuracy after one epoch from zeros, for digits that come one after the other"
    w, b = torch.zeros(784, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    model, (train, valid) = partial(linear1, weights=w, bias=b), digit_dls(digits, shuffle=False, device='cpu')
    train_epoch(model, train, torch.optim.SGD([w, b], lr=1.), mnist_loss)
    return validate_epoch(model, valid)

# An epoch

def trained(train):
    "Parameters after one epoch of `train` on three small batches"
    model = nn.Linear(3, 1)
    with torch.no_grad():
        for p in model.parameters(): p.copy_(torch.arange(1., 1 + p.numel()).view_as(p)/10)
    train(model, batches_of(4, 4, 2), torch.optim.SGD(model.parameters(), lr=1.), mnist_loss)
    return torch.cat([p.detach().flatten() for p in model.parameters()])

def loop(order):
    "An epoch with backward, step and clear (b, s, c) in some order, and what comes after the last batch in capitals"
    def train(model, dl, opt, loss_func):
        for xb, yb in dl:
            loss = loss_func(model(xb), yb)
            do = dict(b=loss.backward, s=opt.step, c=opt.zero_grad)
            for letter in order:
                if letter in do: do[letter]()
        for letter in order:
            if letter.isupper(): do[letter.lower()]()
    return train

FAULTY = {'that is the faulty one: which gradients are there when it steps?': 'csb',
          'each step goes by the sum of all gradients so far: they are never cleared': 'bs',
          'it steps once, after the last batch: an epoch should have a step for each batch': 'bS',
          'only the last batch counts: the others are forgotten before a step is taken': 'cbS'}

def judge_epoch(answer):
    if not callable(answer): return f'this is {describe(answer)}; what is asked for is a function'
    got = outcome_of(trained, answer)
    if got.raised: return f'called with a model, batches, an optimizer and a loss it raises {got.raised}: {got.value}'
    if same(got.value, trained(train_epoch)): return None
    for remark, order in FAULTY.items():
        if same(got.value, trained(loop(order))): return remark
    return f'the parameters after an epoch are off: {difference(got.value, trained(train_epoch))}'

# A dataset

class Digits:
    "Pairs of a row and a target; the attributes of a subclass make it a wrong one"
    size, scale, one = (28*28,), 255, (1,)
    def target(self, label): return label == 3
    def __init__(self, images, labels): self.images, self.labels = images, labels
    def __len__(self): return len(self.images)
    def __getitem__(self, i):
        return self.images[i].float().view(self.size)/self.scale, self.target(self.labels[i]).float().view(self.one)

def digits_with(**wrong): return lambda: type('Digits', (Digits,), wrong)

def judge_dataset(answer):
    if not isinstance(answer, type): return f'this is {describe(answer)}; what is asked for is a class'
    images, labels = torch.arange(5*784).view(5, 28, 28).remainder(256).byte(), torch.tensor([3, 7, 7, 3, 3])
    made = outcome_of(answer, images, labels)
    if made.raised: return f'called with pictures and labels it raises {made.raised}: {made.value}'
    if outcome_of(len, made.value).value != 5: return 'its length is not the number of pictures'
    for i, label in enumerate(labels.tolist()):
        pair, row = outcome_of(lambda: made.value[i]), images[i].flatten().float()
        if pair.raised: return f'asked for number {i} it raises {pair.raised}: {pair.value}'
        if not (isinstance(pair.value, (tuple, list)) and len(pair.value) == 2):
            return f'number {i} is {describe(pair.value)}; a pair (x, y) is asked for'
        x, y = pair.value
        if not all(isinstance(t, torch.Tensor) and t.dtype == torch.float32 for t in (x, y)):
            return f'x is {describe(x)} and y {describe(y)}; both should be float32 tensors'
        if x.shape != (784,): return f'x should be a row, and its shape is {list(x.shape)}'
        if y.shape != (1,): return f'batches of y should be columns; what shape must one y have, now {list(y.shape)}?'
        if same(x, row): return 'x still runs to 255'
        if not same(x, row/255): return f'x of number {i}: {difference(x, row/255)}'
        if y == label: return 'y is the digit; the target is 1 for a 3 and 0 for a 7'
        if y != (label == 3): return 'y is wrong: which digit has the target 1?'

# One step

@cache
def one_step(lr=1., split='valid', n=None):
    (x, y), (to_x, to_y) = digit_tensors('train', device='cpu'), digit_tensors(split, device='cpu')
    w, b = torch.zeros(784, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    mnist_loss(linear1(x[:n], w, b), y[:n]).backward()
    with torch.no_grad(): return batch_accuracy(linear1(to_x, -lr*w.grad, -lr*b.grad), to_y)

EXERCISES = {
    '1': Exercise(squared, {
        'the scores went in without the sigmoid': lambda scores, targets: ((scores - targets)**2).mean(),
        'that is the absolute distance, as in `mnist_loss`': mnist_loss,
        'square each distance before you average': lambda scores, targets: (scores.sigmoid() - targets).mean()**2,
        'that is the sum; take the mean': lambda scores, targets: squared(scores, targets)*len(scores),
        'the sigmoid was taken twice': lambda scores, targets: squared(scores.sigmoid(), targets)},
        cases=lambda: [(torch.tensor([[2.], [-1.], [0.]]), torch.tensor([[1.], [0.], [1.]])),
                       (torch.randn(50, 1), (torch.rand(50, 1) > .5).float())],
        remark='On the flat ends its slope fades, too: it has the slope of the sigmoid as a factor.'),
    '2': Exercise(validate_epoch, {
        'that is the faulty one: a short batch counts as much as a full one':
            lambda model, dl: sum(a for a, n in by_batch(model, dl))/len(dl),
        'the sum of right answers is divided by the number of batches; by what should it be?':
            lambda model, dl: sum(a*n for a, n in by_batch(model, dl))/len(dl),
        'that takes every batch to be as large as the first':
            lambda model, dl: sum(a*n for a, n in by_batch(model, dl))/(len(dl)*len(dl[0][0])),
        'that is how many are right; the share is asked for':
            lambda model, dl: sum(a*n for a, n in by_batch(model, dl)),
        'that is the accuracy of the last batch': lambda model, dl: by_batch(model, dl)[-1][0]},
        cases=lambda: [(model_of_3, batches_of(8, 8, 3)), (model_of_3, batches_of(6, 1))],
        remark='Two equal batches would not have shown the fault.'),
    '3': Exercise(sorted_epoch, {
        'that would be so if it called everything a 3; which digit came first?': lambda: sorted_epoch(digits=(3, 7)),
        'that is the share in the training set; the accuracy is measured on other pictures':
            lambda: digit_tensors('train', (7, 3), 'cpu')[1].mean()},
        tol=3e-4, remark='The first digit was learned too well, and the second came too late.'),
    '4': Exercise(lambda: train_epoch, {remark: partial(loop, order) for remark, order in FAULTY.items()},
        judge=judge_epoch, remark='No error, no warning: a wrong order can only be seen in what the weights do.'),
    '5': Exercise(lambda: Digits, {
        'x still runs to 255': digits_with(scale=1),
        'x should be a row, and its shape is [28, 28]': digits_with(size=(28, 28)),
        'batches of y should be columns; what shape must one y have, now []?': digits_with(one=()),
        'y is the digit; the target is 1 for a 3 and 0 for a 7': digits_with(target=lambda self, label: label),
        'y is wrong: which digit has the target 1?': digits_with(target=lambda self, label: label == 7),
        'its length is not the number of pictures': digits_with(__len__=lambda self: self.images.numel())},
        judge=judge_dataset, remark='Hand it to a `DataLoader`: it deals batches of [b,784] and [b,1].'),
    '6': Exercise(one_step, {
        'the step went up the slope, not down': lambda: one_step(-1.),
        'no step was taken: all scores are 0': lambda: one_step(0.),
        'that is measured on the training pictures': lambda: one_step(split='train'),
        'that is a step by the first 256 pictures; take all': lambda: one_step(n=256)},
        tol=1e-3, remark='At a score of 0 the sigmoid has one slope for every picture, as if there were none.'),
}
