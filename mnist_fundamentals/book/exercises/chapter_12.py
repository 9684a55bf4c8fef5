"Exercises of chapter 12: draw a digit"
from copy import deepcopy
from functools import cache
import torch
from torch import nn
from . import Exercise
from .compare import describe, numbers, outcome_of
from ..loaders import tensor_loader
from ...draw import drawn_digits, rasterise, stroke_digit, to_mnist
from ...learner import BasicOptim, train_linear
from ...linear_classifier import mnist_loss, train_model
from ...simple_net import simple_net, train_simple_net

def page(digit, *centre): return rasterise(stroke_digit(digit, 12, .2, centre))

def times_ink(image):   # sums of row and column times ink
    return torch.stack([image.sum(1 - axis)@torch.arange(float(n)) for axis, n in enumerate(image.shape)])

def centre_of_mass(image): return times_ink(image)/image.sum()

def middle_of_box(image):
    lines = [torch.nonzero(image.amax(axis)).flatten() for axis in (1, 0)]
    return torch.tensor([(line[0] + line[-1])/2 for line in lines])

def left_to_the_net(sure, right, least):
    "The share that the network reads, and the share of these that is right"
    return (sure >= least).float().mean(), right[sure >= least].float().mean()

def moved(step): return lambda image: image.roll(step(14 - centre_of_mass(image)).int().tolist(), (0, 1))

@cache
def linear_and_three():
    return train_linear(epochs=5).cpu().requires_grad_(False), to_mnist(rasterise(stroke_digit(3, 16, .2)))

def changed(n, sign=-1):
    "The 3 with n pixels made ink or paper, those first that move the score most"
    model, three = linear_and_three()
    wanted = (sign*model.weight.view(28, 28) > 0).float()
    best = (model.weight.view(28, 28)*(wanted - three)*sign).flatten().argsort(descending=True)[:n]
    image = three.flatten().clone()
    image[best] = wanted.flatten()[best]
    return image.view(28, 28)

def fools(answer):
    (model, three), image = linear_and_three(), numbers(answer).float()
    if image.shape != three.shape: return f'the shape is {list(image.shape)}; a page of 28 by 28 is asked for'
    if not ((image >= 0) & (image <= 1)).all(): return 'a pixel is not between 0 and 1: there is no such ink'
    if ((image - three).abs() > 1e-6).sum() > 50: return 'more than 50 pixels are changed: which ones matter most?'
    before, after = model(three.view(1, 784)), model(image.view(1, 784))
    if after > before: return 'the score has gone up: now it is more of a 3 than before'
    if after > 0: return 'the model still calls it a 3'

def shapes(n, seed, same=False, top=1., kinds=(1, 0)):
    "Circles and crosses; the other arguments make mistakes"
    rng = torch.Generator().manual_seed(seed)
    angle, pages, y = torch.linspace(0, 2*torch.pi, 13), [], torch.tensor(kinds).repeat(n)[:n].float()[:, None]
    circle = [torch.stack([angle.cos(), angle.sin()], dim=1)]
    cross = [torch.tensor([[-1., -1.], [1., 1.]]), torch.tensor([[-1., 1.], [1., -1.]])]
    for target in y:
        radius, *centre = (torch.tensor([4., 10., 10.]) + 4*(not same)*torch.rand(3, generator=rng)).tolist()
        pages.append(top*rasterise([radius*line + torch.tensor(centre) for line in (circle if target else cross)]))
    return torch.stack(pages).view(n, -1), y

def is_a_dataset(answer):
    if not callable(answer): return f'this is {describe(answer)}; a function of n and seed is asked for'
    got = [outcome_of(answer, 20, seed) for seed in (1, 1, 2)]
    for value, raised in got:
        if raised: return f'called with 20 and a seed it raises {raised}: {value}'
        if not isinstance(value, (tuple, list)) or len(value) != 2: return f'it gives {describe(value)}, not x, y'
    (x, y), (again, _), (other, _) = [[numbers(part) for part in value] for value, _ in got]
    for name, part, size in (('x', x, 784), ('y', y, 1)):
        if part.shape != (20, size): return f'for n = 20 {name} is {list(part.shape)} and should be [20, {size}]'
    if not (((x >= 0) & (x <= 1)).all() and x.max() > .5): return 'the pixels of x should go from 0 to 1'
    if set(y.flatten().tolist()) - {0., 1.}: return 'a target in y is neither 1 nor 0'
    if len(y.unique()) < 2: return 'all targets are the same: both kinds are asked for'
    if (x.amax(1) < .5).any(): return 'a page is blank, or nearly'
    if len(x.unique(dim=0)) < 20: return 'some pages are the same: draw place and size by chance'
    if not torch.equal(x, again): return 'called twice with the same seed, it gives other pages'
    if torch.equal(x, other): return 'another seed gives the same pages'

@cache
def drawings(n, seed):
    drawn, labels = drawn_digits(n, seed)
    return drawn.view(-1, 784), (labels == 3).float()[:, None]

@cache
def reader(n, sign=1):
    "A net trained on n drawings, as they are drawn; with the sign -1 it calls a 3 a 7"
    torch.manual_seed(0)
    net = simple_net()
    train_model(net, tensor_loader(*drawings(n, seed=1), 100, True), [drawings(n, seed=1)],
                BasicOptim(net.parameters(), 3.), mnist_loss, epochs=60_000//n)
    with torch.no_grad(): net[2].weight.mul_(sign); net[2].bias.mul_(sign)
    return net

def reads_drawings(answer):
    if not callable(answer) or isinstance(answer, type): return f'this is {describe(answer)}; give a trained model'
    x, y = drawings(200, seed=12_345)
    model = deepcopy(answer).cpu().eval() if isinstance(answer, nn.Module) else answer
    got = outcome_of(model, x)
    if got.raised: return f'given pages as rows, [200,784], it raises {got.raised}: {got.value}'
    if numbers(got.value).shape != y.shape: return f'for 200 pages it gives {describe(got.value)}, not a score each'
    def right(scores): return ((numbers(scores) > 0) == (y == 1)).double().mean()
    if (share := right(got.value)) >= .9: return None
    if share < .2: return 'it calls the 3s 7s: the target of a 3 is 1'
    prepared = torch.stack([to_mnist(image) for image in x.view(-1, 28, 28)]).view(-1, 784)
    if share < .7 and right(model(prepared)) > .9: return 'it reads centred digits; on pages as drawn it guesses'
    if share < .6: return 'it is no better than a coin'
    return 'better than a coin, but more than one in ten is wrong: what has it seen?'

EXERCISES = {
    '1': Exercise(centre_of_mass, {
        'the row comes first': lambda image: centre_of_mass(image).flip(0),
        'count rows and columns from 0': lambda image: centre_of_mass(image) + 1,
        'that is the middle of the box round the ink: weigh each line by its ink': middle_of_box,
        'divide by all the ink': times_ink},
        cases=lambda: [(page(3, 19., 17.),), (torch.rand(20, 30)*(torch.rand(20, 30) > .9),)], tol=1e-3),
    '2': Exercise(left_to_the_net, {
        'the network reads where it is sure, not where it is not': lambda sure, right, least: left_to_the_net(-sure, right, -least),
        'the second number is to be a share of the pictures that it reads, not of all pictures': lambda sure, right, least: (
            (sure >= least).float().mean(), ((sure >= least) & right).float().mean()),
        'the second number counts the pictures of the people, too: pick those that the network reads': lambda sure, right, least: (
            (sure >= least).float().mean(), right.float().mean()),
        'shares are asked for, not how many': lambda sure, right, least: (
            (sure >= least).sum(), right[sure >= least].sum())},
        cases=lambda: [(sure, torch.rand(50) < sure, least) for sure in [.3 + .7*torch.rand(50)] for least in (.5, .9)],
        remark='Try it with our network: how much is left to people if 999 in 1,000 are to be right?'),
    '3': Exercise(moved(torch.round), {
        'as it was: a page with its ink at the upper right is still torn': moved(lambda step: step.flip(0).round()),
        'the ink moves away from the middle': moved(lambda step: -step.round()),
        'a step is cut off, not rounded to the nearest pixel': moved(torch.trunc),
        'only the rows are moved': moved(lambda step: (step*torch.tensor([1, 0])).round())},
        cases=lambda: [(page(3, *centre),) for centre in ((19.7, 8.4), (8.3, 8.1), (15.2, 20.6))]),
    '4': Exercise(lambda: changed(50), {
        'the model still calls it a 3': lambda: changed(5),
        'more than 50 pixels are changed: which ones matter most?': lambda: 1 - linear_and_three()[1],
        'a pixel is not between 0 and 1: there is no such ink': lambda: -linear_and_three()[1],
        'the score has gone up: now it is more of a 3 than before': lambda: changed(50, sign=1)}, judge=fools,
        remark='Show it to a person: to us it is the old 3 with some dirt on the page.'),
    '5': Exercise(lambda: shapes, {
        'some pages are the same: draw place and size by chance': lambda: lambda n, seed: shapes(n, seed, same=True),
        'for n = 20 x is [20, 28, 28] and should be [20, 784]':
            lambda: lambda n, seed: (shapes(n, seed)[0].view(n, 28, 28), shapes(n, seed)[1]),
        'the pixels of x should go from 0 to 1': lambda: lambda n, seed: shapes(n, seed, top=255),
        'all targets are the same: both kinds are asked for': lambda: lambda n, seed: shapes(n, seed, kinds=(1,)),
        'a target in y is neither 1 nor 0': lambda: lambda n, seed: shapes(n, seed, kinds=(1, 2)),
        'called twice with the same seed, it gives other pages':
            lambda: lambda n, seed: shapes(n, torch.randint(1000, (1,)).item()),
        'another seed gives the same pages': lambda: lambda n, seed: shapes(n, 0)}, judge=is_a_dataset,
        remark='Train a model on two hundred, and measure it on others.'),
    '6': Exercise(lambda: reader(1000), {
        'it reads centred digits; on pages as drawn it guesses': lambda: train_simple_net(epochs=1),
        'it calls the 3s 7s: the target of a 3 is 1': lambda: reader(1000, sign=-1),
        'it is no better than a coin': simple_net,
        'better than a coin, but more than one in ten is wrong: what has it seen?': lambda: reader(100),
        'for 200 pages it gives a float32 tensor [200, 2], not a score each': lambda: nn.Linear(784, 2)},
        judge=reads_drawings, remark='These were drawings that it has never seen.'),
}
