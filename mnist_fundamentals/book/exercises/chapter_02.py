"Exercises of chapter 2: fitting a curve"
import numpy as np, torch
import torch.nn.functional as F
from functools import partial
from . import Exercise
from .compare import describe, numbers
from ...quadratic import add_noise, gradient_descent, mae, mk_quad, quad

def dots(seed=None):
    "The twenty places and a measurement at each: that of the chapter, or a new one"
    x = torch.linspace(-2, 2, 20)[:, None]
    rng = np.random.RandomState(42) if seed is None else np.random.default_rng(seed)
    return x, add_noise(mk_quad(3, 2, 1)(x), .15, 1.5, rng)

def mse(preds, targets): return ((preds - targets)**2).mean()

def slopes(f, p, up=.01, down=.01, width=.02, puts_back=True, together=False):
    "The slope of `f` in the direction of each parameter, by a step to each side"
    p, found = p.clone(), torch.zeros(len(p))
    for i in range(len(p)):
        place, kept = slice(None) if together else i, p.clone()
        p[place] += up
        higher = f(p)
        p[place] -= up + down
        found[i] = (higher - f(p))/width
        if puts_back: p = kept
    return found

def line(error=mse, x_is=lambda x: x, clears=True):
    "b and c of a straight line, fitted by a descent of 200 steps"
    (x, y), p = dots(), torch.zeros(2, requires_grad=True)
    def loss(p): return error(p[0]*x_is(x) + p[1], y)
    if clears: gradient_descent(p, loss, lr=.1, steps=200)
    else: descend(p, loss, .1, 200, clear='never')
    return p.detach()

def descend(params, loss_fn, lr, steps, clear='after', after=False, sign=-1):
    "The loop with its faults: where the gradient is cleared, when the loss is noted, which way it steps"
    losses = []
    for step in range(steps):
        loss = loss_fn(params)
        if not after: losses.append(loss.item())
        if clear == 'before': params.grad = None
        loss.backward()
        if clear == 'between': params.grad = None
        with torch.no_grad(): params += sign*lr*params.grad
        if clear == 'after': params.grad = None
        if after: losses.append(loss_fn(params).item())
    return losses

def bowl(p): return p[0]**2 + 2*p[1]**2 + p[0]*p[1]

def start(looked):
    "Two parameters; with a gradient left over if somebody has looked at it"
    p = torch.tensor([3., -1.], requires_grad=True)
    if looked: bowl(p).backward()
    return p

def huber(preds, targets, miss=torch.abs, small=lambda m: m**2/2, large=lambda m: m - .5, over=torch.mean):
    m = miss(preds - targets)
    return over(torch.where(m < 1, small(m), large(m)))

def trains(lr):
    "Do 200 steps with this rate end lower than they began?"
    x, y = dots()
    p = torch.tensor([1.1, 1.1, 1.1], requires_grad=True)
    try: losses = gradient_descent(p, lambda p: mse(quad(*p, x), y), lr=lr, steps=201)
    except ValueError: return False
    return losses[-1] < losses[0]

SIGN = 'a learning rate is above 0'
GROWS = 'with this rate the loss ends higher than it began'
TIMID = 'this one trains, and so does one that is a tenth larger'

def judge_rate(answer):
    rate = numbers(answer)
    if rate.numel() != 1: return f'this is {describe(answer)}; one number is asked for'
    rate = rate.item()
    if not rate > 0: return SIGN
    if not trains(rate): return GROWS
    if trains(1.1*rate): return TIMID

def fit_error(degree, x, y, new_y, error=mse):
    "How far a fitted curve is from new dots at the same places"
    return error(torch.from_numpy(np.polyval(np.polyfit(x[:, 0], y[:, 0], degree), x.numpy())), new_y)

def fit_cases():
    (x, y), (_, new_y) = dots(), dots(0)
    return [(degree, x.double(), y, new_y) for degree in (2, 1, 8)]

EXERCISES = {
    '1': Exercise(slopes, {
        'a step to one side only': partial(slopes, down=0., width=.01),
        'the two places are twice `h` apart': partial(slopes, width=.01),
        'the sign is the other way round: after a rise the slope is positive': partial(slopes, width=-.02),
        'a rise is not yet a slope: divide it by the way that was gone': partial(slopes, width=1),
        'all parameters move at once; each slope belongs to one alone': partial(slopes, together=True),
        'a parameter that was moved is not put back before the next one moves': partial(slopes, puts_back=False)},
        cases=lambda: [(bowl, torch.tensor([3., -1.]).double()),
                       (lambda p: (p**3).prod(), torch.tensor([1., 2., -1.]).double())], tol=1e-3,
        remark='So you have a check for every `backward` that anybody writes; chapter 3 uses it.'),
    '2': Exercise(line, {
        'the order is b, then c': lambda: line().flip(0),
        'that is with the mean absolute error': lambda: line(mae),
        '`[20]` met `[20,1]`: broadcasting made a table of all x against all y, and the slope got lost':
            lambda: line(x_is=lambda x: x[:, 0]),
        'that is where a loop ends up that never clears its gradients': lambda: line(clears=False)}, tol=1e-3,
        remark='`np.polyfit` with degree 1 gives the same line.'),
    '3': Exercise(partial(descend, clear='before'), {
        'it still clears too late: what was in `.grad` before the loop goes into the first step': descend,
        'now nothing clears, and all gradients add up': partial(descend, clear='never'),
        'cleared between `backward` and the step, so the step finds no gradient': partial(descend, clear='between'),
        'it walks uphill: subtract': partial(descend, clear='before', sign=1),
        'the first loss in the list should be the one before any step': partial(descend, clear='before', after=True)},
        cases=lambda: [(start(looked), bowl, .05, 6) for looked in (True, False)],
        remark='Clear where the gradient is about to be made, and nothing can be left over.'),
    '4': Exercise(F.huber_loss, {
        'a miss below 0 can be large, too: take its sign away first': partial(huber, miss=lambda m: m),
        'the small ones are squared and not halved: the parts do not meet at 1': partial(huber, small=lambda m: m**2),
        'the large ones are a half too high: the parts do not meet at 1': partial(huber, large=lambda m: m),
        'large and small are exchanged': partial(huber, small=lambda m: m - .5, large=lambda m: m**2/2),
        'that is the sum; take the mean': partial(huber, over=torch.sum)},
        cases=lambda: [(torch.tensor([[1.], [2.], [3.], [9.]]), torch.tensor([[1.5], [5.], [3.2], [2.]])),
                       (torch.zeros(3), torch.tensor([-.5, .5, 4.]))],
        remark='It is the *Huber loss*, in PyTorch `F.huber_loss`: smooth at 0, not dragged along by one far miss.'),
    '5': Exercise(lambda: .22, {
        SIGN: lambda: -.1,
        GROWS: lambda: .5,
        TIMID: lambda: .05}, judge=judge_rate,
        remark='A little more, and the loss grows without end.'),
    '6': Exercise(fit_error, {
        'that is how far it is from the dots it was fitted to': lambda degree, x, y, new: fit_error(degree, x, y, y),
        'the curve was fitted to the new dots': lambda degree, x, y, new: fit_error(degree, x, new, new),
        'fitted to the new dots and measured on the old ones': lambda degree, x, y, new: fit_error(degree, x, new, y),
        'that is the mean absolute error': partial(fit_error, error=mae),
        'that is the root of the mean squared error': lambda *args: fit_error(*args).sqrt()},
        cases=fit_cases, tol=1e-3, remark='Now call it for the degrees 1 to 12, on the old dots and on the new ones.'),
}
