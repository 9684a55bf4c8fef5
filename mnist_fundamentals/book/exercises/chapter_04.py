"Exercises of chapter 4: gradient descent in seven steps"
from itertools import islice
import torch
from . import Exercise
from .compare import describe, numbers, outcome_of
from ...sgd import roller_coaster, speed_curve, standardize

# A straight line

def line_slopes(t, speed, b, c):
    miss = b*t + c - speed
    return torch.stack([(2*miss*t).mean(), (2*miss).mean()])

# A descent from (0, 0, 0), in closed form: what is left of the way shrinks by one matrix each step

def loss_after(t, lr, steps):
    powers = torch.stack([t**2, t, torch.ones_like(t)], 1).double()
    speed = roller_coaster()[1].double()
    bend, best = 2*powers.T@powers/len(t), torch.linalg.lstsq(powers, speed).solution
    to_go = torch.linalg.matrix_power(torch.eye(3) - lr*bend, steps)@best
    return ((powers@(best - to_go) - speed)**2).mean().item()

SECONDS = roller_coaster()[0]
CENTRED = SECONDS - SECONDS.mean()

def trains(lr, t=CENTRED): return loss_after(t, lr, 300) < loss_after(t, lr, 0)

def largest(t):
    lr = 1e-6
    while trains(1.05*lr, t): lr *= 1.05
    return lr

def judge_rate(answer):
    rate = numbers(answer)
    if rate.numel() != 1: return 'one rate is asked for, a number'
    rate = rate.item()
    if not 0 < rate < float('inf'): return 'a rate is a number above 0: the step already goes against the slope'
    if not trains(rate): return 'at this rate the loss is higher after 300 steps than at the start'
    if trains(1.15*rate): return 'it comes down, and so it does at a rate 1.15 times as large'

# Mini-batches

def deal(n, bs, seed): return torch.randperm(n, generator=torch.Generator().manual_seed(seed)).split(bs)

def deal_anew(n, bs, seed):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randperm(n, generator=generator)[i:i + bs] for i in range(0, n, bs)]

def judge_batches(answer):
    if not callable(answer): return f'this is {describe(answer)}; what is asked for is a function'
    def rows(n, bs, seed): return [numbers(batch).flatten().tolist() for batch in islice(answer(n, bs, seed), 99)]
    got = [outcome_of(rows, 20, 6, seed) for seed in (1, 1, 2)]
    for outcome in got:
        if outcome.raised: return f'its batches of 6 rows of 20 cannot be read: {outcome.raised}: {outcome.value}'
    one, again, other = ([row for batch in outcome.value for row in batch] for outcome in got)
    if len(set(one)) < len(one): return 'some numbers come twice: the pass needs one order, cut into pieces'
    if not set(one) <= set(range(20)): return 'there are other numbers in it than 0 to n - 1'
    if len(one) < 20: return 'some numbers never come: the last batch may be short'
    if list(map(len, got[0].value)) != [6, 6, 6, 2]: return 'each batch should have `bs` numbers, but for the last'
    if one == sorted(one): return 'they come as they lie: where is the chance?'
    if one != again: return 'the same seed gave two orders: does the generator begin from it?'
    if one == other: return 'another seed gave the same order: is `seed` used?'

# Back into seconds

def in_seconds(params, mean, std):
    a, b, c = params
    return torch.stack([a/std**2, b/std - 2*a*mean/std**2, a*mean**2/std**2 - b*mean/std + c])

def not_squared(params, mean, std):
    a, b, c = in_seconds(params, mean, std)
    return torch.stack([a*std, b, c])

EXERCISES = {
    '1': Exercise(lambda params, t, mean, std: speed_curve((t - mean)/std, params), {
        'that is the faulty one: it counts from the middle of the new times, in units of their spread':
            lambda params, t, mean, std: speed_curve(standardize(t)[0], params),
        'the parameters belong to standardised time, and these are seconds':
            lambda params, t, mean, std: speed_curve(t, params),
        'centred, and still in seconds': lambda params, t, mean, std: speed_curve(t - mean, params),
        'mind the brackets: the whole difference is divided':
            lambda params, t, mean, std: speed_curve(t - mean/std, params),
        'that is the way back, from standard units to seconds':
            lambda params, t, mean, std: speed_curve(t*std + mean, params)},
        cases=lambda: [(torch.tensor([25., 2., 10.]), t, torch.tensor(9.5), torch.tensor(6.))
                       for t in (torch.arange(5.), SECONDS + 20)],
        tol=1e-2, remark='What was measured on the training data, a mean, a spread, belongs to the model.'),
    '2': Exercise(line_slopes, {
        'a factor of 2 is missing: it comes from the square': lambda *args: line_slopes(*args)/2,
        'that is the sum over the points; take the mean': lambda t, *args: line_slopes(t, *args)*len(t),
        'the miss is the prediction minus the speed, not the other way round': lambda *args: -line_slopes(*args),
        'raise b a little: the miss at time t grows by t times as much': lambda *args: line_slopes(*args)[[1, 1]],
        'the slope of b comes first, then that of c': lambda *args: line_slopes(*args).flip(0)},
        cases=lambda: [(*roller_coaster(), 0., 0.), (CENTRED/6, SECONDS, 2., -1.)], tol=1e-2,
        remark='With time from the middle the slope of b does not depend on c, nor that of c on b.'),
    '3': Exercise(lambda: loss_after(CENTRED, .0004, 10_000), {
        'that is the loss at the start; take the last': lambda: loss_after(CENTRED, .0004, 0),
        'that is scaling without centring': lambda: loss_after(SECONDS/SECONDS.std(), .0004, 10_000),
        'that is after a tenth of the steps': lambda: loss_after(CENTRED, .0004, 1000)},
        tol=.05, remark='Centring is enough to arrive; scaling adds a larger rate.'),
    '4': Exercise(lambda: largest(CENTRED), {
        'at this rate the loss is higher after 300 steps than at the start': lambda: largest(standardize(SECONDS)[0]),
        'it comes down, and so it does at a rate 1.15 times as large': lambda: largest(SECONDS),
        'a rate is a number above 0: the step already goes against the slope': lambda: -largest(CENTRED),
        'one rate is asked for, a number': lambda: [largest(t) for t in (SECONDS, CENTRED)]},
        judge=judge_rate, remark='In seconds the border is far lower: centring alone has moved it.'),
    '5': Exercise(lambda: deal, {
        'some numbers come twice: the pass needs one order, cut into pieces': lambda: deal_anew,
        'some numbers never come: the last batch may be short': lambda: lambda n, bs, seed: deal(n, bs, seed)[:n//bs],
        'each batch should have `bs` numbers, but for the last':
            lambda: lambda n, bs, seed: torch.cat(deal(n, bs, seed)).chunk(bs),
        'they come as they lie: where is the chance?': lambda: lambda n, bs, seed: torch.arange(n).split(bs),
        'the same seed gave two orders: does the generator begin from it?':
            lambda: lambda n, bs, seed: torch.randperm(n).split(bs),
        'another seed gave the same order: is `seed` used?': lambda: lambda n, bs, seed: deal(n, bs, 0)},
        judge=judge_batches, remark='In a pass each point counts once. Drawn anew for each step, some wait for long.'),
    '6': Exercise(in_seconds, {
        'the time is squared in the first term, so std is too': not_squared,
        'scaled, and not centred: multiply out (t - mean)² and look what falls to b and to c':
            lambda params, mean, std: in_seconds(params, 0., std),
        'centred, and not scaled': lambda params, mean, std: in_seconds(params, mean, 1.),
        'the mean is subtracted: mind the signs': lambda params, mean, std: in_seconds(params, -mean, std),
        'those are still the parameters in standardised time': lambda params, mean, std: params},
        cases=lambda: [(torch.tensor([25., 2., 10.]), torch.tensor(9.5), torch.tensor(6.)),
                       (torch.tensor([1., -3., 2.]), torch.tensor(-2.), torch.tensor(.5))],
        remark='The same curve in other units: standardising changed the way there, not the goal.'),
}
