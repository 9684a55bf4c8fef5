"Exercises of chapter 3: what backward does"
import math
from . import Exercise
from .compare import describe, difference, outcome_of, same
from ...backward import Value

# A prediction

def slopes(w, b, last=lambda miss: miss**2):
    w, b = Value(w), Value(b)
    last(w*3 + b - 10).backward()
    return [w.grad, b.grad]

def from_the_product():
    product, b = Value(3*3), Value(2)
    ((product + b - 10)**2).backward()
    return [product.grad, b.grad]

# Functions of Values: their number is compared, and the slope of each input

def run(function, numbers):
    "The number that a function of Values gives and the slopes of these, or in words why there are none"
    inputs = [Value(x) for x in numbers]
    out = outcome_of(function, *inputs)
    if out.raised: return f'your function raises {out.raised}: {out.value}'
    if out.value is None: return 'your function returns nothing: is there a `return`?'
    if not isinstance(out.value, Value): return f'your function gives {describe(out.value)}; a Value is asked for'
    back = outcome_of(out.value.backward)
    if back.raised: return f'`backward` of what your function gives raises {back.raised}: {back.value}'
    return out.value.data, [v.grad for v in inputs]

def of_values(right, mistakes, cases, remark):
    def judge(answer):
        if not callable(answer): return f'this is {describe(answer)}; what is asked for is a function of Values'
        got, wanted = [[run(f, numbers) for numbers in cases] for f in (answer, right)]
        if all(map(same, got, wanted)): return None
        for said, wrong in mistakes.items():
            if all(map(same, got, [run(wrong, numbers) for numbers in cases])): return said
        numbers, a, b = next((n, a, b) for n, a, b in zip(cases, got, wanted) if not same(a, b))
        where = f'at {" and ".join(map(str, numbers))}'
        if isinstance(a, str): return f'{where} {a}'
        if not same(a[0], b[0]): return f'{where} what it gives is off: {difference(a[0], b[0])}'
        return f'{where} its number is right, but not what arrives in `grad`: {difference(a[1], b[1])}'
    return Exercise(lambda: right, {said: lambda wrong=wrong: wrong for said, wrong in mistakes.items()}, judge=judge,
                    remark=remark)

PAIRS = [(3, 2), (-1.5, 4), (5, -.5)]
def op(number, *rates): return lambda *values: Value(number(*values), values, [rate(*values) for rate in rates])
def exp(v): return math.exp(v.data)
def times(a, b): return a.data*b.data

# A loop

def descend(w, steps, before=True, between=False, after=False, sign=-1):
    "Where w is after each step; the flags say where its slope is cleared"
    places = []
    for step in range(steps):
        if before: w.grad = 0.
        ((w*3 + 1 - 10)**2).backward()
        if between: w.grad = 0.
        w.data += sign*.01*w.grad
        if after: w.grad = 0.
        places.append(w.data)
    return places

def looked_at(number):
    w = Value(number)
    ((w*3 + 1 - 10)**2).backward()
    return w

EXERCISES = {
    '1': Exercise(lambda: slopes(3, 2), {
        'that is for w = 2 and b = 1, as in the text': lambda: slopes(2, 1),
        'the way to w leads through one more operation: its product has a rate, too': from_the_product,
        'those are the slopes of the miss; the loss is its square': lambda: slopes(3, 2, lambda miss: miss),
        'the slope of w comes first, then that of b': lambda: slopes(3, 2)[::-1]},
        remark='The dot now lies below the line, so both slopes have changed their sign.'),
    '2': of_values(lambda a, b: a*b**-1, {
        'that is a times b': lambda a, b: a*b,
        'the number is right, but b gets no slope: is `b.data` in it where b should be?': lambda a, b: a*b.data**-1,
        'the number is right, but no slopes arrive: it is a new leaf': lambda a, b: Value(a.data/b.data),
        'that is b divided by a': lambda a, b: b*a**-1}, PAIRS,
        remark='A new operation out of old ones needs no rates of its own.'),
    '3': of_values(op(exp, exp), {
        'the number is right, but no slope arrives: the result needs v as its parent': op(exp),
        'the rate is that of a sum': op(exp, lambda v: 1.),
        'the rate is the number that went in; which number is this function the rate of?': op(exp, lambda v: v.data),
        "the school's rule is for v to a fixed power; here v is the power":
            op(exp, lambda v: v.data*math.exp(v.data - 1))}, [(.5,), (-1.,), (2.,)],
        remark='With it, `(1 + exp(-s))**-1` is the sigmoid of chapter 5, slopes included.'),
    '4': of_values(op(times, lambda a, b: b.data, lambda a, b: a.data), {
        'that is the faulty one: nudge a in a·b, and see by how much the product moves':
            op(times, lambda a, b: a.data, lambda a, b: b.data),
        'those are the rates of a sum': op(times, lambda a, b: 1., lambda a, b: 1.),
        'the rate for a is right now; is that for b?': op(times, lambda a, b: b.data, lambda a, b: b.data),
        'the rate for b is right; is that for a?': op(times, lambda a, b: a.data, lambda a, b: a.data),
        'the number is right, but no slopes arrive: parents and rates are missing': op(times)}, PAIRS,
        remark='With two equal factors nobody would have noticed: test with unequal numbers.'),
    '5': Exercise(descend, {
        'that is the faulty one: what is in `w.grad` when the first `backward` adds to it?':
            lambda w, steps: descend(w, steps, before=False, after=True),
        'the slopes are never cleared: they add up': lambda w, steps: descend(w, steps, before=False),
        'w does not move: its slope is cleared before the step has used it':
            lambda w, steps: descend(w, steps, between=True),
        'it walks uphill': lambda w, steps: descend(w, steps, sign=1)},
        cases=lambda: [(looked_at(2), 4), (looked_at(5), 1), (Value(2), 3)],
        remark='Clear right before `backward`, and no leftover can spoil a step.'),
}
