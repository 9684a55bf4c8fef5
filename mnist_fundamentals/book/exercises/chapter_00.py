"Exercises of chapter 0: data"
import torch
from . import Exercise
from .compare import describe, outcome_of
from ...data import load_digits

def ink(image): return (image > 0).sum()

def shows_only(image): ink(image)

def frame(n, inside=0, rows=slice(1, -1), columns=slice(1, -1)):
    "A square with one value in the rows and columns named, and another around them"
    page = torch.full((n, n), 1. - inside)
    page[rows, columns] = inside
    return page

def overlay(a, b): return (a.float() + b.float()).clip(max=255)

def byte(*values): return torch.tensor(values, dtype=torch.uint8)

WHOLE = torch.tensor([100, 200, 255]) + 60   # in 64 bits

def picked(n, seed): return torch.randperm(n, generator=torch.Generator().manual_seed(seed)) < n//6

def picked_by_global_seed(n, seed):
    torch.manual_seed(seed)
    return torch.randperm(n) < n//6

FIRST = 'these are the first ones in line; let chance choose'
COUNT = 'the count is off: each picture has its chance, but exactly `n//6` are asked for'
UNSEEDED = 'the same seed gave two different draws: the generator does not begin from it'
IGNORED = 'another seed gave the same draw: is `seed` used?'
GLOBAL = "PyTorch's own random numbers were set back, too: use a generator of your own"

def judge_picked(answer):
    if not callable(answer): return f'this is {describe(answer)}; what is asked for is a function'
    n, before = 600, torch.random.get_rng_state()
    draws = [outcome_of(answer, n, seed) for seed in (1, 1, 2)]
    untouched = torch.equal(before, torch.random.get_rng_state())
    for draw in draws:
        if draw.raised: return f'called with {n} and a seed, your function raises {draw.raised}: {draw.value}'
        if not isinstance(draw.value, torch.Tensor) or draw.value.shape != (n,) or draw.value.dtype != torch.bool:
            return f'called with {n} and a seed, your function gives {describe(draw.value)}, no bool tensor [{n}]'
    one, again, other = [draw.value for draw in draws]
    if one.sum() != n//6: return COUNT
    if one[:n//6].all(): return FIRST
    if not torch.equal(one, again): return UNSEEDED
    if torch.equal(one, other): return IGNORED
    if not untouched: return GLOBAL

EXERCISES = {
    '1': Exercise(ink, {
        'it counts and hands over nothing: `print` shows a number to you, `return` gives it to the program': shows_only,
        'that adds the pixels up; count them': lambda image: image.sum(),
        'those are the pixels without ink': lambda image: (image == 0).sum(),
        'that is the share; the number of pixels is asked for': lambda image: (image > 0).float().mean(),
        '`len` counts the rows, with ink or without': lambda image: len(image > 0)},
        cases=lambda: [(load_digits('train')[0][0],), (torch.tensor([[0, 5, 0], [255, 1, 0]]),)],
        remark='A function can be of use to another one only if it returns something.'),
    '2': Exercise(lambda: byte(100, 200, 255) + 60, {
        'eight bits cannot hold such numbers': lambda: WHOLE,
        'it does not stop at the largest number; it begins again': lambda: WHOLE.clip(max=255),
        'nearly: after 255 comes 0, and not 1': lambda: (WHOLE - 1) % 255 + 1,
        'that is how it would be with a sign: such a type holds -128 to 127': lambda: WHOLE.to(torch.int8)},
        remark='No error and no warning: such a fault is found by looking at the result.'),
    '3': Exercise(lambda table, j: table[:, j], {
        'that is still the first rows: the comma is missing': lambda table, j: table[:j],
        'that is a row': lambda table, j: table[j],
        'those are all the columns before it': lambda table, j: table[:, :j],
        'the right numbers, kept as a matrix with one column; a vector is asked for': lambda table, j: table[:, j:j+1]},
        cases=lambda: [(torch.tensor([[1, 2, 3], [4, 5, 6]]), 1), (torch.arange(20).view(4, 5), 3)],
        remark='Before the comma stand the rows, after it the columns.'),
    '4': Exercise(frame, {
        'it is open below and to the right: a slice ends before its second number':
            lambda n: frame(n, rows=slice(1, n), columns=slice(1, n)),
        'it is open to the left and to the right': lambda n: frame(n, columns=slice(None)),
        'it is two wide below and to the right': lambda n: frame(n, rows=slice(1, -2), columns=slice(1, -2)),
        'ink and paper are exchanged': lambda n: frame(n, inside=1)},
        cases=lambda: [(10,), (5,)]),
    '5': Exercise(overlay, {
        'there are still holes: a sum above 255 begins again from 0': lambda a, b: a + b,
        'a sum above 255 is left as it is': lambda a, b: a.float() + b.float(),
        'that is the average of the two, so all ink is paler': lambda a, b: (a.float() + b.float())/2,
        'that is the larger of the two; add them': torch.maximum,
        'cut off after the addition, and not before': lambda a, b: a.float().clip(max=127) + b.float().clip(max=127)},
        cases=lambda: [(byte(0, 100, 250, 200).view(2, 2), byte(0, 50, 10, 200).view(2, 2)),
                       (byte(255, 0), byte(255, 255))],
        remark='Had you cut off at 255 after adding in `uint8`, it would have been too late.'),
    '6': Exercise(lambda: picked, {
        FIRST: lambda: lambda n, seed: torch.arange(n) < n//6,
        COUNT: lambda: lambda n, seed: torch.rand(n, generator=torch.Generator().manual_seed(seed)) < 1/6,
        UNSEEDED: lambda: lambda n, seed: torch.randperm(n) < n//6,
        IGNORED: lambda: lambda n, seed: picked(n, 0),
        GLOBAL: lambda: picked_by_global_seed}, judge=judge_picked,
        remark='`held_back` of this chapter does it with the seed 0.'),
}
