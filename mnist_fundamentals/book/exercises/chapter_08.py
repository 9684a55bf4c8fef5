"Exercises of chapter 8: a neural network"
import torch
from torch import nn
from . import Exercise
from .compare import describe, numbers, outcome_of
from ..explorers.borders import dots
from ...data import set_seed
from ...learner import BasicOptim
from ...linear_classifier import mnist_loss, train_model

def pairs(sizes): return list(zip(sizes, sizes[1:]))

def parameters(sizes): return sum(a*b + b for a, b in pairs(sizes))

def collapse(net): return net[1].weight@net[0].weight, net[1].weight@net[0].bias + net[1].bias

def two_linear(*sizes): return (nn.Sequential(*(nn.Linear(a, b) for a, b in pairs(sizes))),)

def silent(net, x): return (net[0](x) <= 0).all(0).sum()

def some_silent():
    "A net and inputs: some units are silent for all of them, some for none"
    net = nn.Sequential(nn.Linear(2, 40), nn.ReLU(), nn.Linear(40, 1))
    with torch.no_grad(): net[0].bias.copy_(torch.linspace(-3, 3, 40))
    return net, torch.randn(50, 2)

def on_plane(hidden, *between): return nn.Sequential(nn.Linear(2, hidden), *between, nn.Linear(hidden, 1))

def is_straight(net):
    "Is the score in the middle of two dots always the mean of their scores?"
    a, b = torch.randn(2, 200, 2, generator=torch.Generator().manual_seed(0))*3
    with torch.no_grad(): return torch.allclose(net((a + b)/2), (net(a) + net(b))/2, rtol=1e-3, atol=1e-3)

def not_on_plane(net):
    "What is off in an answer that should be a model of dots"
    if not isinstance(net, nn.Module): return f'this is {describe(net)}; a model is asked for'
    got = outcome_of(net, dots()[1][0])
    if got.raised: return f'given dots [2000,2], the model raises {got.raised}: {got.value}'
    if numbers(got.value).shape != (2000, 1): return f'for 2,000 dots it gives {describe(got.value)}, not a score each'

@torch.no_grad()
def share_right(net):
    x, y = dots()[1]
    return ((net(x) > 0) == (y == 1)).float().mean().item()

def learns_rings(answer):
    if not callable(answer): return f'this is {describe(answer)}; a function of hidden is asked for'
    set_seed(0)
    small, net = (outcome_of(answer, hidden) for hidden in (3, 16))
    if net.raised: return f'called with 16, it raises {net.raised}: {net.value}'
    net, small = net.value, small.value
    if off := not_on_plane(net): return off
    def count(model): return sum(p.numel() for p in model.parameters())
    if isinstance(small, nn.Module) and count(small) == count(net):
        return 'whatever `hidden` says, it has as many units'
    train_model(net, [dots()[0]]*400, [dots()[1]], BasicOptim(net.parameters(), 3.), mnist_loss, 1)
    with torch.no_grad(): lowest = net(dots()[1][0]).min()
    if lowest >= 0: return 'still no score can be below 0: what is the last thing that is done to it?'
    if is_straight(net): return 'now its border is a straight line: there is no bend between the layers'
    if share_right(net) < .95: return f'after 400 steps only {share_right(net):.3f} of the new dots are right'

def three_units(sign=-1., bias=1.45, between=True, degrees=(0., 120., 240.)):
    "The net of exercise 4; the arguments make mistakes"
    angles, net = torch.tensor(degrees).deg2rad(), on_plane(len(degrees), *[nn.ReLU()]*between)
    with torch.no_grad():
        net[0].weight.copy_(torch.stack([angles.cos(), angles.sin()], dim=1))
        for p, value in [(net[0].bias, 0.), (net[-1].weight, sign), (net[-1].bias, bias)]: p.fill_(value)
    return net

def closes_border(net):
    if off := not_on_plane(net): return off
    first = next((m for m in net.modules() if isinstance(m, nn.Linear)), None)
    if first is None or first.out_features != 3: return 'three hidden units are asked for'
    if is_straight(net): return 'its border is no polygon: is there a bend between the layers?'
    with torch.no_grad(): inner = (net(dots()[1][0]) > 0).float().mean()
    if inner == 0: return 'it calls every dot outer: what would lift the score in the middle?'
    if inner == 1: return 'it calls every dot inner: a unit that speaks should lower the score'
    if share_right(net) < .1: return 'it is inside out: the inner dots are called outer'
    if share_right(net) < .97: return 'the border is open, or not between the rings: do the three point to all sides?'

def start_all(makes, seed):
    models = {}
    for name, make in makes.items():
        set_seed(seed)
        models[name] = make()
    return models

def seeded_once(makes, seed):
    set_seed(seed)
    return {name: make() for name, make in makes.items()}

def starts_alike(answer):
    if not callable(answer): return f'this is {describe(answer)}; a function is asked for'
    makes = {'linear': lambda: nn.Linear(2, 1), 'net': lambda: on_plane(4, nn.ReLU()), 'again': lambda: nn.Linear(2, 1)}
    got = [outcome_of(answer, makes, seed) for seed in (0, 3)]
    for value, raised in got:
        if raised: return f'called with three recipes and a seed, it raises {raised}: {value}'
        if not isinstance(value, dict) or list(value) != list(makes):
            return f'it gives {describe(value)}; a dict with the names of `makes` is asked for'
        if not all(isinstance(m, nn.Module) for m in value.values()): return 'these are no models: call each recipe'
    def same(a, b): return all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters()))
    (first, _), (third, _) = got
    if same(first['linear'], third['linear']): return 'another seed gives the same weights'
    if not same(first['linear'], start_all(makes, 0)['linear']): return 'a model starts from a seed that was not given'
    if not same(first['linear'], first['again']): return 'of two equal recipes the second still starts elsewhere'
    if first['linear'] is first['again']: return 'two names stand for one model: training the one trains the other'
    if not same(first['net'], start_all(makes, 0)['net']): return 'a model starts elsewhere than it would alone'

def one_for_equals(makes, seed):
    models = start_all(makes, seed)
    return models | {name: models['linear'] for name, m in models.items() if isinstance(m, nn.Linear)}

EXERCISES = {
    '1': Exercise(parameters, {
        'those are the weights; each layer has biases, too': lambda sizes: sum(a*b for a, b in pairs(sizes)),
        'the input has no biases': lambda sizes: parameters(sizes) + sizes[0],
        'that is the number of activations, the input among them': sum,
        'the last layer has a bias, too': lambda sizes: parameters(sizes) - sizes[-1]},
        cases=lambda: [([784, 30, 1],), ([784, 50, 20, 10],), ([5, 3],)]),
    '2': Exercise(collapse, {
        '`nn.Linear` keeps weights the other way round, [out,in]': lambda net: (collapse(net)[0].T, collapse(net)[1]),
        'the first bias goes through the second layer, too': lambda net: (collapse(net)[0], net[1].bias),
        'the second layer has a bias of its own': lambda net: (collapse(net)[0], net[1].weight@net[0].bias)},
        cases=lambda: [two_linear(784, 30, 1), two_linear(5, 4, 3)]),
    '3': Exercise(silent, {
        'those are silent for at least one row': lambda net, x: (net[0](x) <= 0).any(0).sum(),
        'those speak for at least one row': lambda net, x: (net[0](x) > 0).any(0).sum(),
        'that counts zeros in the whole table; count units': lambda net, x: (net[0](x) <= 0).sum(),
        'those are the rows for which all units are silent': lambda net, x: (net[0](x) <= 0).all(1).sum()},
        cases=lambda: [some_silent(), some_silent()], remark='Such a unit gets no slope from any of these rows.'),
    '4': Exercise(three_units, {
        'its border is no polygon: is there a bend between the layers?': lambda: three_units(between=False),
        'it calls every dot outer: what would lift the score in the middle?': lambda: three_units(bias=0.),
        'it calls every dot inner: a unit that speaks should lower the score': lambda: three_units(sign=1.),
        'it is inside out: the inner dots are called outer': lambda: three_units(sign=1., bias=-1.45),
        'the border is open, or not between the rings: do the three point to all sides?':
            lambda: three_units(degrees=(0., 60., 120.)),
        'three hidden units are asked for': lambda: three_units(degrees=(0., 90., 180., 270.))},
        judge=closes_border, remark='Three units can do it; training finds it from some starts only.'),
    '5': Exercise(lambda: lambda hidden: on_plane(hidden, nn.ReLU()), {
        'still no score can be below 0: what is the last thing that is done to it?':
            lambda: lambda hidden: nn.Sequential(*on_plane(hidden), nn.ReLU()),
        'now its border is a straight line: there is no bend between the layers': lambda: on_plane,
        'whatever `hidden` says, it has as many units': lambda: lambda _: on_plane(30, nn.ReLU())}, judge=learns_rings),
    '6': Exercise(lambda: start_all, {
        'of two equal recipes the second still starts elsewhere': lambda: seeded_once,
        'another seed gives the same weights': lambda: lambda makes, seed: start_all(makes, 42),
        'a model starts from a seed that was not given': lambda: lambda makes, seed: start_all(makes, seed + 1),
        'two names stand for one model: training the one trains the other': lambda: one_for_equals,
        'these are no models: call each recipe': lambda: lambda makes, seed: dict(makes)},
        judge=starts_alike, remark='Now the order in which the models stand changes nothing.'),
}
