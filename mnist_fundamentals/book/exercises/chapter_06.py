"Exercises of chapter 6: the same, by the library"
from functools import cache
import torch
from torch import nn
from . import Exercise
from .compare import describe, numbers, outcome_of
from ..studies import seed_study
from ...data import set_seed
from ...learner import BasicOptim, Momentum, train_from_seed
from ...linear_classifier import batch_accuracy, digit_tensors, init_params

def on_judge(judge, right, mistakes, remark): return Exercise(lambda: right, {said: lambda wrong=wrong: wrong
    for said, wrong in mistakes.items()}, judge=judge, remark=remark)

# 1: a trained model

EXCHANGED = '3 and 7 are exchanged: the target 1 stands for a 3'
UNTRAINED = 'it answers like a model that has not been trained'
SHORT = 'it is trained, but further epochs get further'
SQUEEZED = 'it ends in a sigmoid, and the metric asks for scores'

def untrained():
    set_seed(42)
    return nn.Linear(784, 1)

def trained(epochs, digits=(3, 7)): return train_from_seed(lambda: nn.Linear(784, 1), epochs, 10., digits=digits)[0]

def judge_trained(model):
    if not isinstance(model, nn.Module): return f'this is {describe(model)}; give the model itself, an `nn.Module`'
    x, y = digit_tensors('valid')
    with torch.no_grad(): out = outcome_of(model.to(x.device), x)
    if out.raised: return f'given pictures [2038,784], it raises {out.raised}: {out.value}'
    if not isinstance(out.value, torch.Tensor) or out.value.shape != y.shape:
        return f'for pictures [2038,784] it gives {describe(out.value)}, and scores [2038,1] are asked for'
    if 0 <= out.value.min() and out.value.max() <= 1: return SQUEEZED
    accuracy = batch_accuracy(out.value, y)
    return EXCHANGED if accuracy < .1 else UNTRAINED if accuracy < .95 else SHORT if accuracy < .98 else None

# 3: a module, right or with a fault

def module(weights=nn.Parameter, bias=nn.Parameter, prepare=True, forward='forward', use_bias=True):
    def init(self):
        if prepare: nn.Module.__init__(self)
        self.weights, self.bias = weights(init_params((28*28, 1), .01)), bias(init_params(1, .01))
    def scores(self, xb): return xb@self.weights + (self.bias if use_bias else 0)
    return type('Linear1', (nn.Module,), {'__init__': init, forward: scores})

def plain(tensor): return tensor
EMPTY = 'an optimizer finds nothing in it: of what class must a tensor be to be found?'
HALF = 'only the weights are found, and the bias is not'
BARE = '`nn.Module` has not prepared itself: call `super().__init__()` first'
NAMELESS = 'calling the model finds no `forward`'
UNUSED = 'the bias is found, but not added'

def judge_module(answer):
    if not isinstance(answer, type): return f'this is {describe(answer)}; give the class itself, without brackets'
    made = outcome_of(answer)
    if 'Module.__init__' in str(made.value): return BARE
    if made.raised: return f'`answer()` raises {made.raised}: {made.value}'
    if not isinstance(made.value, nn.Module): return 'it is no subclass of `nn.Module`'
    found = sorted(made.value.parameters(), key=torch.numel)
    if [p.numel() for p in found] != [1, 784]:
        return EMPTY if not found else HALF if [p.numel() for p in found] == [784] else \
            f'`parameters()` finds {sum(p.numel() for p in found)} numbers; the bias and 784 weights are asked for'
    xb = torch.rand(5, 784, device=found[0].device)
    out = outcome_of(made.value, xb)
    if out.raised == 'NotImplementedError': return NAMELESS
    if out.raised: return f'given pictures [5,784], it raises {out.raised}: {out.value}'
    got, product = numbers(out.value), (xb@found[1].view(784, 1)).double().detach().cpu()
    if got.shape != (5, 1): return f'for 5 pictures it gives {describe(out.value)}, and scores [5,1] are asked for'
    if torch.allclose(got, product + found[0].item(), atol=1e-5): return None
    return UNUSED if torch.allclose(got, product, atol=1e-5) else 'what it gives is not pixels times weights plus bias'

# 4 and 5: optimizers, by where they lead

def path(optimizer, **settings):
    "Where the parameters of a small model are after each of five steps, or in words why nowhere"
    torch.manual_seed(1)
    model, x, places = nn.Linear(3, 2), torch.randn(8, 3), []
    def walk():
        opt = optimizer(model.parameters(), lr=.1, **settings)
        for step in range(5):
            (model(x)**2).mean().backward(); opt.step(); opt.zero_grad()
            places.append(torch.cat([p.detach().flatten() for p in model.parameters()]))
        return torch.stack(places)
    out = outcome_of(walk)
    if 'leaf Variable' in str(out.value): return RECORDED
    return f'with `model.parameters()` and `lr=0.1`, it raises {out.raised}: {out.value}' if out.raised else out.value

RECORDED = 'a step is no part of the calculation: PyTorch must not record it'

def of_paths(right, mistakes, remark, **settings):
    def judge(answer):
        if not callable(answer): return f'this is {describe(answer)}; give the class itself, without brackets'
        got, wanted = path(answer, **settings), path(right, **settings)
        if isinstance(got, str): return got
        def same(a): return not isinstance(a, str) and torch.allclose(got, a, atol=1e-6)
        if same(wanted): return None
        for said, wrong in mistakes.items():
            if same(path(wrong, **settings)): return said
        step = next(i for i, (a, b) in enumerate(zip(got, wanted), 1) if not torch.allclose(a, b, atol=1e-6))
        return f'step {step} leads to another place'
    return on_judge(judge, right, mistakes, remark)

def optim(keep=list, sign=-1, clear=True, in_place=True, record=False):
    "An optimizer, or one with a fault"
    class Made:
        def __init__(self, params, lr): self.params, self.lr = keep(params), lr
        def step(self):
            with torch.set_grad_enabled(record):
                for p in self.params:
                    if in_place: p += sign*self.lr*p.grad
                    else: p = p + sign*self.lr*p.grad
        def zero_grad(self):
            for p in self.params: p.grad = None if clear else p.grad
    return Made

def ahead(rule):
    "A `Momentum` whose direction is made from the gradient and the new sum"
    class Made(Momentum):
        def direction(self, p): return rule(self.momentum, p.grad, lambda: super(Made, self).direction(p))
    return Made

# 6: a paired comparison

def pair(column='right'): return [seed_study(name)[column] for name in ('source linear, shuffled', 'source linear')]
def paired(a, b): return [(a - b).mean(), (a - b).std()/len(a)**.5]

# 7: the largest rate

@cache
def comes_down(optimizer, lr):
    p = torch.ones(2, requires_grad=True)
    opt = optimizer([p], lr=lr)
    for step in range(200): (10*p[0]**2 + p[1]**2).backward(); opt.step(); opt.zero_grad()
    return (10*p[0]**2 + p[1]**2).item() < .01

def is_largest(optimizer, lr): return comes_down(optimizer, lr) and not comes_down(optimizer, 1.05*lr)
def search(lr, factor, optimizer=Momentum):
    while comes_down(optimizer, lr*factor): lr *= factor
    return lr

PLAIN = 'that is the largest for plain steps; momentum bears another'
TOO_SMALL = 'it comes down, but so it does at a rate 5% larger'
TOO_LARGE = 'at this rate it does not come down'

def judge_rate(answer):
    lr = numbers(answer)
    if lr.numel() != 1: return f'this is {describe(answer)}; one number is asked for'
    if not 0 < lr.item() < float('inf'): return 'a rate is a positive number'
    if is_largest(BasicOptim, lr.item()): return PLAIN
    return None if is_largest(Momentum, lr.item()) else TOO_SMALL if comes_down(Momentum, lr.item()) else TOO_LARGE

EXERCISES = {
    '1': Exercise(lambda: trained(25), {
        UNTRAINED: untrained, SHORT: lambda: trained(1), EXCHANGED: lambda: trained(1, (7, 3)),
        SQUEEZED: lambda: nn.Sequential(trained(1), nn.Sigmoid())}, judge=judge_trained,
        remark="So the library's own start does as well as ours, for a single layer."),
    '2': Exercise(lambda n: (3/n)**.5, {
        "that is PyTorch's own bound, from which the spread shrinks": lambda n: n**-.5,
        'the spread of a sum grows with the root of the number of its terms, not with the number': lambda n: 3**.5/n,
        'the bound of uniform numbers is larger than their standard deviation, not smaller': lambda n: (3*n)**-.5,
        'that is the standard deviation that the sums would have from a bound of 1': lambda n: (n/3)**.5},
        cases=lambda: [(784,), (12,)], tol=1e-6, remark='Layer after layer the numbers keep their size.'),
    '3': on_judge(judge_module, module(), {
        EMPTY: module(plain, plain), HALF: module(bias=plain), BARE: module(prepare=False),
        NAMELESS: module(forward='scores'), UNUSED: module(use_bias=False)},
        'A tensor that is no `nn.Parameter` stays what it was, whatever the optimizer does.'),
    '4': of_paths(BasicOptim, {
        'after the first step nothing moves: what is left of `params` once it has been gone through?':
            optim(lambda p: p),
        'it walks uphill': optim(sign=1),
        'the gradients are never cleared: they add up': optim(clear=False),
        'nothing moves: your step makes new tensors, and the parameters keep their numbers': optim(in_place=False),
        RECORDED: optim(record=True)},
        'What can be gone through once only is called an iterator; `list` keeps what it gives.'),
    '5': of_paths(ahead(lambda part, grad, new: grad + part*new()), {
        'that is momentum without the look ahead': Momentum,
        'the gradient itself is missing': ahead(lambda part, grad, new: part*new()),
        'the new sum is added in full': ahead(lambda part, grad, new: grad + new()),
        'the sum grows twice in each step: ask for it once':
            ahead(lambda part, grad, new: grad + part*(new(), new())[1])},
        "It is also PyTorch's, with `nesterov=True`.", momentum=.9),
    '6': Exercise(lambda: paired(*pair()), {
        'the second number is the standard deviation of a difference, and not yet of their mean':
            lambda: [(pair()[0] - pair()[1]).mean(), (pair()[0] - pair()[1]).std()],
        'that is the error without pairing: take the differences first':
            lambda: [(pair()[0] - pair()[1]).mean(), ((pair()[0].var() + pair()[1].var())/20)**.5],
        'shuffled less not shuffled, the other way round': lambda: paired(*pair()[::-1]),
        'that is after the first epoch; the column `right` is asked for': lambda: paired(*pair('right_first'))},
        remark='The gain is many times its standard error: that is no luck.'),
    '7': Exercise(lambda: search(.1, 1.02), {
        TOO_SMALL: lambda: search(.01, 2), TOO_LARGE: lambda: search(.01, 2)*2,
        PLAIN: lambda: search(.05, 1.02, BasicOptim)}, judge=judge_rate,
        remark='A plain step bears about half of that before it overshoots.'),
}
