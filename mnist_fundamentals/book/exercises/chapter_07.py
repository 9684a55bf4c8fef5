"Exercises of chapter 7: bending straight lines"
import torch
import torch.nn.functional as F
from . import Exercise
from .compare import describe, numbers
from ...quadratic import gradient_descent, mae, quad
from ...relu import double_relu, fit_relus

def wave(x): return torch.sin(3*x)
def curve(x): return quad(3, 2, 1, x)
def jump(x): return (x > 0).double()

def misses(g, k):
    "Where a sum of k ReLUs is off, and by how much, at the points at which it was fitted"
    x = torch.linspace(-2, 2, 401).double()[:, None]
    return fit_relus(g, k)[0](x) - g(x)

def largest(e): return e.abs().max()

def first(g, limit, error=largest, step=lambda k: k + 1):
    k = 1
    while error(misses(g, k)) >= limit: k = step(k)
    return k

def three(error, counts=(4, 16, 64)): return lambda: [error(misses(jump, k)) for k in counts]

# A start for two ReLUs that shall become |x|

x = torch.linspace(-2, 2, 41)
def loss_of(params): return mae(double_relu(*params, x), x.abs())

DEAD = ['both ReLUs are dead: at every x of the interval they are cut off to 0',
        'one of the two ReLUs is dead: at every x of the interval it is cut off to 0']
THERE = 'that is the end of a training, or nearly; a start is asked for, with a loss above 0.3'
TWINS = 'both ReLUs are the same, so they get the same gradient and stay the same'
STUCK = 'both ReLUs are alive, but after 1000 steps the loss is not below 0.1: what does each of them have to become?'

def judge_start(answer):
    start = numbers(answer).float()
    if start.shape != (4,): return f'this is {describe(answer)}; four numbers are asked for: m1, b1, m2, b2'
    if not start.isfinite().all() or start.abs().max() > 10: return 'take numbers between -10 and 10'
    alive = sum(((m*x + b) > 0).any().item() for m, b in start.view(2, 2))
    if alive < 2: return DEAD[alive]
    if loss_of(start) < 0.3: return THERE
    if torch.equal(start[:2], start[2:]): return TWINS
    return None if gradient_descent(start.requires_grad_(), loss_of, 0.01, 1001)[-1] < 0.1 else STUCK

EXERCISES = {
    '1': Exercise(lambda x: F.relu(x + 1) - 2*F.relu(x) + F.relu(x - 1), {
        'it is level from x = 0 on, and should come down again': lambda x: F.relu(x + 1) - F.relu(x),
        'it goes up, level, and up again: at x = 0 the slope has to change its sign':
            lambda x: F.relu(x + 1) - F.relu(x) + F.relu(x - 1),
        'it still falls beyond x = 1: one more bend is needed': lambda x: F.relu(x + 1) - 2*F.relu(x),
        'the tent stands too far to the right: where is the bend of `F.relu(x - 1)`?':
            lambda x: F.relu(x) - 2*F.relu(x - 1) + F.relu(x - 2)},
        cases=lambda: [(torch.linspace(-2, 2, 9),), (3*torch.randn(30, 1),)],
        remark='Tents beside each other, of whatever heights, add up to a chain of straight pieces.'),
    '2': Exercise(lambda slopes: torch.cat([slopes[:1], slopes.diff()]), {
        'the slopes themselves will not do: every ReLU runs on behind the bends that follow': lambda slopes: slopes,
        'that is the way back, from the weights to the slopes': lambda slopes: slopes.cumsum(0),
        'the first weight is missing: to the left of the first bend the slope is 0': lambda slopes: slopes.diff(),
        'after the first, all weights have the wrong sign: a weight is the new slope less the old':
            lambda slopes: torch.cat([slopes[:1], -slopes.diff()])},
        cases=lambda: [(torch.tensor([-1., 2., 2., .5]),), (torch.randn(7),)],
        remark='Any chain of straight pieces is a sum of ReLUs, a bend each.'),
    '3': Exercise(first, {
        'going up in doublings passes over smaller numbers that will do':
            lambda g, limit: first(g, limit, step=lambda k: 2*k),
        'that is for the mean error; the largest is asked for':
            lambda g, limit: first(g, limit, lambda e: e.abs().mean()),
        'errors below the curve count too: is the absolute value missing?': lambda g, limit: first(g, limit, torch.max),
        'that is the last that does not do': lambda g, limit: first(g, limit) - 1},
        cases=lambda: [(wave, .01), (curve, .05)],
        remark='The next larger number need not do as well: it puts its bends elsewhere.'),
    '4': Exercise(three(largest), {
        'those are the mean errors, and they do fall: the place where it is off gets narrower':
            three(lambda e: e.abs().mean()),
        'those are the roots of the mean squared errors': three(lambda e: (e**2).mean().sqrt()),
        'a quarter each time: so it is for a curve; try it with the jump':
            lambda: [largest(misses(jump, 4))/4**i for i in range(3)]}, tol=1e-3,
        remark='The sum has to pass through the middle, and close to the jump it misses on one side or the other.'),
    '5': Exercise(lambda: [.5, .5, -.5, .5], {
        DEAD[0]: lambda: [.5, -3., -.5, -3.],
        DEAD[1]: lambda: [.5, .5, -.5, -3.],
        TWINS: lambda: [.5, .5, .5, .5],
        THERE: lambda: [1., 0., -1., 0.],
        STUCK: lambda: [-.5, .5, -.2, .1]}, judge=judge_start,
        remark='A ReLU learns from the inputs at which it is above 0, and from no others.'),
}
