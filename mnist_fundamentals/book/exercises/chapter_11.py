"Exercises of chapter 11: overfitting"
from functools import cache
import torch
from torch import nn
from . import Exercise
from .compare import describe, numbers_of, outcome_of
from ..loaders import tensor_loader
from ...data import load_digits, set_seed
from ...overfitting import Moved, few_digits, large_net
from ...resnet import shift_right, train_cycle
from ...ten_digits import digit_convnet

# 1: when does it stop?

def stops(losses, patience, first=min, late=0):
    "Epochs until the lowest loss, as `first` finds its place, has not been beaten for `patience` epochs"
    for n in range(1, len(losses) + 1):
        best = first(range(n), key=lambda i: losses[i])
        if n - (best + 1) >= patience + late: return n
    return len(losses)

def last_lowest(places, key): return min(reversed(places), key=key)

def in_a_row(losses, patience):
    "Stops after so many epochs each of which is no better than the one before"
    worse = 0
    for n in range(1, len(losses)):
        worse = worse + 1 if losses[n] >= losses[n-1] else 0
        if worse == patience: return n + 1
    return len(losses)

CURVES = [([5., 4, 3, 3.5, 3.2, 3.6, 3.1, 2.9, 3], 3), ([5., 4, 3, 3.5, 3.2, 2.8, 3.6, 3.1, 2.9, 2.85, 3], 4),
          ([3., 2, 2, 2, 2, 2], 2), ([4., 3, 2, 1], 2), ([1., 2, 3, 4], 1)]

# 3: a dropout with faults

def dropped(x, p, training, alike=False, scale=True, always=False):
    if not (training or always): return x
    keep = (torch.rand(x.shape[1:] if alike else x.shape) > p).float()
    return x*keep/(1 - p) if scale else x*keep

ALIKE = 'all pictures of the batch lose the same units'
IN_USE = 'units are missing when training is over'
UNSCALED = 'the mean shrinks: what has to be made up for those that are gone?'
SWAPPED = 'the share that is gone should be p'

def judge_dropout(answer):
    x, p = torch.ones(400, 50), .2
    for training in (False, True):
        found = numbers_of(answer, 'activations [400,50]', x.clone(), p, training)
        if not training and not torch.equal(found, x.double()): return IN_USE
    gone = found == 0
    if torch.equal(gone, gone[:1].expand_as(gone)) and gone.any(): return ALIKE
    if abs(gone.double().mean() - p) > .02: return SWAPPED
    if torch.allclose(found[~gone], torch.ones(1).double()): return UNSCALED
    if (found[~gone] - 1/(1 - p)).abs().max() > 1e-4: return 'what stays is divided by something else'

# 4: whole pixels, each picture its own

def shifted(x, low=-2, high=2, alike=False, move=shift_right):
    amounts = torch.randint(low, high + 1, (len(x),))
    if alike: amounts[:] = amounts[0]
    return torch.stack([move(image, k) for image, k in zip(x, amounts.tolist())])

EQUAL = 'all pictures are moved alike: each should have an amount of its own'
WRAPS = 'what leaves on one side comes back on the other'
ONE_WAY = 'of the five amounts, from two to the left to two to the right, some never occur'
TOO_FAR = 'some pictures are moved by more than two pixels'

def judge_shifts(answer):
    x = 1 + torch.rand(200, 28, 28)
    found = numbers_of(answer, 'pictures [200,28,28]', given := x.clone()).float()
    if not torch.equal(given, x): return 'it changes the pictures that it was given: make new ones'
    def amounts(move): return [{k for k in range(-28, 29) if torch.equal(move(a, k), b)} for a, b in zip(x, found)]
    moved = amounts(shift_right)
    if not all(moved):
        wraps = all(amounts(lambda a, k: a.roll(k, 1)))
        return WRAPS if wraps else 'some pictures are no shift of what they were, to the left or right'
    seen = set().union(*moved)
    if len(seen) == 1: return EQUAL
    if max(map(abs, seen)) > 2: return TOO_FAR
    if len(seen) < 5: return ONE_WAY

# 5: AdamW's step

def step(w, direction, lr, weight_decay): return w*(1 - lr*weight_decay) - lr*direction

# 6: better than all the cures of the chapter

@cache
def new_pictures():
    images, labels = load_digits('held_back', range(10))
    return images[::5, None].float()/255, labels[::5]

GUESSES, PLAIN = 'it answers like a net that has not been trained', 'a large net without any cure gets as far'
ONE_CURE = 'shifts and turns alone get a large net as far; which net suits pictures?'

def judge_net(answer):
    if not isinstance(answer, nn.Module): return f'this is {describe(answer)}; give the net itself, an `nn.Module`'
    x, y = new_pictures()
    with torch.no_grad(): out = outcome_of(answer.cpu().eval(), x)
    if out.raised: return f'given pictures [2000,1,28,28], it raises {out.raised}: {out.value}'
    if not isinstance(out.value, torch.Tensor) or out.value.shape != (2000, 10):
        return f'for pictures [2000,1,28,28] it gives {describe(out.value)}, and scores [2000,10] are asked for'
    accuracy = (out.value.argmax(1) == y).float().mean()
    return GUESSES if accuracy < .3 else PLAIN if accuracy < .89 else ONE_CURE if accuracy < .95 else None

def fitted(make, epochs, peak, moved=True):
    set_seed(0)
    net, train = make(), tensor_loader(*few_digits(500, device='cpu'), 50, shuffle=True)
    if epochs: train_cycle(net, Moved(train) if moved else train, peak, epochs)
    return net

EXERCISES = {
    '1': Exercise(stops, {
        'it stops one epoch too late': lambda losses, patience: stops(losses, patience, late=1),
        'it stops one epoch too early': lambda losses, patience: stops(losses, patience, late=-1),
        'compare with the lowest so far, not with the epoch before': in_a_row,
        'a loss that equals the lowest is no new lowest': lambda losses, patience: stops(losses, patience, last_lowest),
        'that is where the loss is lowest; training goes on after that':
            lambda losses, patience: losses.index(min(losses)) + 1},
        cases=lambda: CURVES),
    '2': Exercise(lambda: [0., 1/(1 - .8), 1000*(1 - .8)], {
        'p is the share that goes, not the share that stays': lambda: [0., 1/.8, 1000*.8],
        'what stays is divided, so that the mean is kept': lambda: [0., 1., 1000*(1 - .8)],
        'what stays becomes larger, to make up for what goes': lambda: [0., 1 - .8, 1000*(1 - .8)],
        'the third number counts those that stay': lambda: [0., 1/(1 - .8), 1000*.8]}, tol=1e-3,
        remark='Five times 200 is 1,000 again.'),
    '3': Exercise(lambda: dropped, {
        ALIKE: lambda: lambda *a: dropped(*a, alike=True), IN_USE: lambda: lambda *a: dropped(*a, always=True),
        UNSCALED: lambda: lambda *a: dropped(*a, scale=False),
        SWAPPED: lambda: lambda x, p, training: dropped(x, 1 - p, training)},
        judge=judge_dropout, remark='It gives what `nn.Dropout` gives, with other dice.'),
    '4': Exercise(lambda: shifted, {
        EQUAL: lambda: lambda x: shifted(x, alike=True), ONE_WAY: lambda: lambda x: shifted(x, low=0),
        WRAPS: lambda: lambda x: shifted(x, move=lambda image, k: image.roll(k, 1)),
        TOO_FAR: lambda: lambda x: shifted(x, -3, 3)},
        judge=judge_shifts, remark='`shift_turn` does all pictures at once, by parts of a pixel, too.'),
    '5': Exercise(step, {
        'there is no pull in it': lambda w, d, lr, k: w - lr*d,
        'the learning rate belongs to the pull, too': lambda w, d, lr, k: w*(1 - k) - lr*d,
        'that pushes the weights away from 0': lambda w, d, lr, k: w*(1 + lr*k) - lr*d,
        'the pull is a share of the weight, not the same for all': lambda w, d, lr, k: w - lr*(d + k*w.sign()),
        'the pull comes first, from the weight before the step': lambda w, d, lr, k: (w - lr*d)*(1 - lr*k)},
        cases=lambda: [(torch.randn(5), torch.randn(5), .5, k) for k in (.1, .4)]),
    '6': Exercise(lambda: fitted(digit_convnet, 30, .01), {
        GUESSES: lambda: fitted(digit_convnet, 0, .01), PLAIN: lambda: fitted(large_net, 8, .001, moved=False),
        ONE_CURE: lambda: fitted(large_net, 50, .002),
        'for pictures [2000,1,28,28] it gives a float32 tensor [2000, 2], and scores [2000,10] are asked for':
            lambda: digit_convnet(2)},
        judge=judge_net, remark='With convolutions, 500 pictures go further than with all of the cures above.'),
}
