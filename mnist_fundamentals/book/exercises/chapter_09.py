"Exercises of chapter 9: resnet18"
import torch
import torch.nn.functional as F
from torch import nn
from . import Exercise
from .compare import describe, numbers, outcome_of
from ...data import set_seed
from ...learner import BasicOptim
from ...linear_classifier import calc_grad, mnist_loss, validate_epoch

def picked(of): return lambda scores, targets: -of(scores)[range(len(targets)), targets].mean()

def one_in(row, column): return F.one_hot(torch.tensor(3*row + column), 9).view(3, 3).float()

def sides(side, pool=True, padding=True, convs=((7, 2), (3, 2), (3, 1), (3, 2), (3, 2), (3, 2))):
    "Side of the maps after the first convolution, the pool and the four stages"
    found = []
    for place, (window, stride) in enumerate(convs):
        if place != 1 or pool: side = (side + (window - 1)*padding - window)//stride + 1
        found.append(side)
    return found

def with_norm():
    "A small network with a norm, as training leaves it, and four pictures"
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
    with torch.no_grad():
        net[4].weight.mul_(9)
        for _ in range(9): net(2*torch.rand(9, 1, 6, 6))
    return net, torch.rand(4, 1, 6, 6)

@torch.no_grad()
def asked(model, x, mode=False, last=lambda scores: scores.softmax(1)): return last(model.train(mode)(x))

class Block(nn.Module):
    "x + f(x), then a ReLU; f begins at 0"
    def __init__(self, channels, weight=0.):
        super().__init__()
        conv = [nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(2)]
        self.f = nn.Sequential(conv[0], nn.BatchNorm2d(channels), nn.ReLU(), conv[1], nn.BatchNorm2d(channels))
        nn.init.constant_(self.f[4].weight, weight)

    def forward(self, x): return F.relu(x + self.f(x))

def block(forward): return type('answer', (Block,), dict(forward=forward))

def passes_by(answer):
    if not isinstance(answer, type) or not issubclass(answer, nn.Module):
        return f'this is {describe(answer)}; a class of nn.Module is asked for'
    made, x, seen = outcome_of(answer, 8), torch.randn(4, 8, 6, 6), []
    if made.raised: return f'made with 8 channels, it raises {made.raised}: {made.value}'
    norms = [m for m in made.value.modules() if isinstance(m, nn.BatchNorm2d)]
    if len(norms) < 2: return 'two norms are asked for, one after each convolution'
    for norm in norms: norm.register_forward_hook(lambda module, args, out: seen.append((module, out)))
    start = outcome_of(made.value, x)
    if start.raised: return f'given maps [4,8,6,6], it raises {start.raised}: {start.value}'
    if numbers(start.value).shape != x.shape: return f'for maps [4,8,6,6] it gives {describe(start.value)}'
    for module, _ in list(seen): nn.init.normal_(module.weight)
    out, f = made.value(x), seen[-1][1]
    def same(a, b): return torch.allclose(a, b, atol=1e-4)
    if same(out, F.relu(f)) or same(out, f): return 'x itself does not get past the layers'
    if same(out, x + F.relu(f)): return 'the last ReLU comes after the sum'
    if same(out, x + f): return 'a ReLU is missing after the sum'
    if not same(out, F.relu(x + f)): return 'it is not the ReLU of x plus what the last norm gives'
    if not same(start.value, F.relu(x)): return 'at its start it does something: which weights would have to be 0?'

EVENTS = 'before_epoch', 'before_batch', 'after_batch', 'after_epoch'

class Learner:
    "What exercise 6 asks for"
    def __init__(self, model, train, valid, opt, loss_func, callbacks=()):
        self.model, self.train, self.valid, self.opt, self.loss_func = model, train, valid, opt, loss_func
        self.callbacks, self.metrics = callbacks, []

    def call(self, event):
        for callback in self.callbacks: getattr(callback, event, lambda learner: None)(self)

    def batch(self, xb, yb):
        self.call('before_batch')
        self.loss = calc_grad(xb, yb, self.model, self.loss_func)
        self.opt.step()
        self.opt.zero_grad()
        self.call('after_batch')

    def fit(self, epochs):
        for _ in range(epochs):
            self.call('before_epoch')
            for xb, yb in self.train: self.batch(xb, yb)
            self.metrics.append(validate_epoch(self.model, self.valid))
            self.call('after_epoch')

def learner(**changed): return lambda: type('answer', (Learner,), changed)

def both_late(self, event):
    if event == 'after_batch': Learner.call(self, 'before_batch')
    if event != 'before_batch': Learner.call(self, event)

class Recorder:
    "A callback that notes the calls and the weights, and halves the rate before each batch"
    def __init__(self): self.events, self.weights, self.odd = [], [], []

    def note(self, event, args):
        self.events.append(event)
        self.odd += [event]*(len(args) != 1 or not hasattr(args[0], 'model'))
        if not self.odd and event.endswith('batch'): self.weights.append(args[0].model.weight.detach().clone())
        if not self.odd and event == 'before_batch': args[0].opt.lr /= 2

for event in EVENTS: setattr(Recorder, event, lambda self, *args, event=event: self.note(event, args))

def fitted(answer):
    "The Learner after two epochs of three batches, its recorder, and what was raised"
    set_seed(0)
    x, recorder = torch.randn(60, 2), Recorder()
    y = (x[:, :1] > 0).float()
    model = nn.Linear(2, 1)
    train, valid = list(zip(x[:48].split(16), y[:48].split(16))), [(x[48:], y[48:])]
    def run():
        learn = answer(model, train, valid, BasicOptim(model.parameters(), 8.), mnist_loss, [recorder, object()])
        learn.fit(2)
        return learn
    return outcome_of(run), recorder

def learns(answer):
    if not isinstance(answer, type): return f'this is {describe(answer)}; a class is asked for'
    ((learn, raised), recorder), ((right, _), noted) = fitted(answer), fitted(Learner)
    if recorder.odd: return f'{recorder.odd[0]} is not called with the Learner as its one argument'
    if raised == 'AttributeError' and "'object' object" in learn: return 'a callback need not have all four methods'
    if raised: return f'made and fitted for two epochs, it raises {raised}: {learn}'
    if not recorder.events: return 'fit calls no callback'
    for event in EVENTS:
        if (n := recorder.events.count(event)) != noted.events.count(event):
            return f'in two epochs of three batches, {event} came {n} times, not {noted.events.count(event)}'
    if recorder.events != noted.events: return 'the calls come in another order than the events happen'
    if any(map(torch.equal, recorder.weights[::2], recorder.weights[1::2])):
        return 'between before_batch and after_batch no weight has moved: the step belongs there'
    if not torch.allclose(recorder.weights[-1], noted.weights[-1], atol=1e-5):
        return 'the weights are not those of our loop: is the gradient of each batch cleared?'
    metrics = getattr(learn, 'metrics', None)
    if not isinstance(metrics, list) or len(metrics) != 2: return 'the list `metrics` should have a number an epoch'
    metrics, wanted = numbers(metrics), numbers(right.metrics)
    if not torch.allclose(metrics, wanted): return 'a number in `metrics` is not that of `valid`'

EXERCISES = {
    '1': Exercise(F.cross_entropy, {
        'that is the mean of the probabilities: take minus their logarithm': picked(lambda s: -s.softmax(1)),
        'take the mean over the pictures': lambda scores, targets: F.cross_entropy(scores, targets, reduction='sum'),
        'the probabilities of one picture should add up to 1: along which axis?': picked(lambda s: s.softmax(0).log()),
        'only the probability of the right class counts': lambda scores, targets: -scores.log_softmax(1).mean()},
        cases=lambda: [(2*torch.randn(n, k), torch.randint(k, (n,))) for n, k in ((1, 3), (7, 2), (20, 10))]),
    '2': Exercise(lambda: one_in(1, 0), {
        'that moves it to the left: the window looks where the ink comes from': lambda: one_in(1, 2),
        'that leaves the picture where it is': lambda: one_in(1, 1),
        'that moves it down': lambda: one_in(0, 1),
        'that moves it up': lambda: one_in(2, 1),
        'that adds up three rows': lambda: torch.stack([one_in(row, 0) for row in range(3)]).sum(0)}),
    '3': Exercise(lambda: sides(64), {
        'those are the sides for a picture of 28 by 28': lambda: sides(28),
        'the max pool halves, too': lambda: sides(64, pool=False),
        'each of these windows has a frame of padding': lambda: sides(64, padding=False),
        'the first stage has no stride': lambda: sides(64, convs=((7, 2), (3, 2), (3, 2), (3, 2), (3, 2), (3, 2)))}),
    '4': Exercise(asked, {
        'as it was: the answer for a picture depends on its neighbours': lambda model, x: asked(model, x, mode=True),
        'those are scores': lambda model, x: asked(model, x, last=lambda scores: scores),
        'the sigmoids of three classes do not add up to 1': lambda model, x: asked(model, x, last=torch.sigmoid),
        'the softmax goes along the wrong axis': lambda model, x: asked(model, x, last=lambda s: s.softmax(0))},
        cases=lambda: [with_norm(), with_norm()]),
    '5': Exercise(lambda: Block, {
        'x itself does not get past the layers': lambda: block(lambda self, x: F.relu(self.f(x))),
        'the last ReLU comes after the sum': lambda: block(lambda self, x: x + F.relu(self.f(x))),
        'a ReLU is missing after the sum': lambda: block(lambda self, x: x + self.f(x)),
        'at its start it does something: which weights would have to be 0?':
            lambda: type('answer', (Block,), dict(__init__=lambda self, channels: Block.__init__(self, channels, 1.)))},
        judge=passes_by, remark='Many of these in a row begin as one ReLU.'),
    '6': Exercise(lambda: Learner, {
        'the weights are not those of our loop: is the gradient of each batch cleared?':
            learner(batch=lambda self, *b: [setattr(self.opt, 'zero_grad', lambda: None), Learner.batch(self, *b)]),
        'between before_batch and after_batch no weight has moved: the step belongs there': learner(call=both_late),
        'a callback need not have all four methods': learner(
            call=lambda self, event: [getattr(c, event)(self) for c in self.callbacks]),
        'before_epoch is not called with the Learner as its one argument': learner(
            call=lambda self, event: [getattr(c, event, lambda: None)() for c in self.callbacks]),
        'in two epochs of three batches, after_epoch came 1 times, not 2': learner(
            call=lambda self, event: event == 'after_epoch' and len(self.metrics) < 2 or Learner.call(self, event)),
        'fit calls no callback': learner(call=lambda self, event: None),
        'a number in `metrics` is not that of `valid`': learner(
            __init__=lambda self, model, train, valid, *rest: Learner.__init__(self, model, train, train, *rest))},
        judge=learns, remark='A callback can set `learner.opt.lr` before each batch, and you have one cycle.'),
}
