"`Value` is PyTorch for single numbers: for any expression, the same values and the same slopes of every leaf"
import pytest, torch
from conftest import ROOT
from hypothesis import assume, given, settings, strategies as st
from mnist_fundamentals.backward import Value, draw_graph

eighths = st.integers(-24, 24).map(lambda n: n/8)
PLAIN = ['v + v', 'v - v', 'v*v', 'v + n', 'n + v', 'v - n', 'n - v', 'v*n', 'n*v', '-v', 'relu', 'power']
steps = st.lists(st.tuples(st.sampled_from(PLAIN), st.integers(0, 30), st.integers(0, 30), eighths,
                           st.sampled_from([0, 1, 2, 3, -1, -2, .5, -.5, 1.5])), min_size=1, max_size=12)

def allowed(name, v, n):
    "May this be computed? Powers that are no whole numbers, and negative ones, are for bases above 0"
    return name != 'power' or n in (0, 1, 2, 3) or v.data > .05

def apply(name, v, w, n, power):
    return {'v + v': lambda: v + w, 'v - v': lambda: v - w, 'v*v': lambda: v*w, 'v + n': lambda: v + n,
            'n + v': lambda: n + v, 'v - n': lambda: v - n, 'n - v': lambda: n - v, 'v*n': lambda: v*n,
            'n*v': lambda: n*v, '-v': lambda: -v, 'relu': lambda: v.relu(), 'power': lambda: v**power}[name]()

def number(x): return x.data if isinstance(x, Value) else x.item()

def build(leaves, program):
    "All values of a program: each step takes two of those before it, so many are used more than once"
    made = list(leaves)
    for name, i, j, n, power in program:
        v, w = made[i % len(made)], made[-1 - j % len(made)]
        made.append(apply(name, v, w, n, power))
    return made

def possible(leaves, program):
    "The steps of a program that can be computed, and do not grow beyond all bounds"
    made, done = [Value(n) for n in leaves], []
    for step in program:
        v, w = made[step[1] % len(made)], made[-1 - step[2] % len(made)]
        if not allowed(step[0], v, step[4]): continue
        new = apply(step[0], v, w, *step[3:])
        if all(abs(n) < 1e3 for n in (new.data, *new.rates)):
            made.append(new)
            done.append(step)
    return done

@settings(max_examples=600, deadline=None)
@given(leaves=st.lists(eighths, min_size=1, max_size=4), program=steps, twice=st.booleans())
def test_value_is_torch(leaves, program, twice):
    program = possible(leaves, program)
    assume(program)
    ours = build([Value(n) for n in leaves], program)
    params = [torch.tensor(n, dtype=torch.float64, requires_grad=True) for n in leaves]
    theirs = build(params, program)
    # what is 0 but for rounding may fall on either side of relu's corner
    assume(all(number(a) == number(b) == 0 or abs(number(a)) > 1e-9 for a, b in zip(ours, theirs)))
    assert [v.data for v in ours] == pytest.approx([t.item() for t in theirs], rel=1e-9, abs=1e-9)
    for _ in range(1 + twice): ours[-1].backward()
    if theirs[-1].requires_grad:
        for _ in range(1 + twice): theirs[-1].backward(retain_graph=True)
    slopes = [0. if p.grad is None else p.grad.item() for p in params]
    size = max(abs(rate*v.grad) for v in ours[-1].history() for rate in (1., *v.rates))   # of what is added up
    assert [v.grad for v in ours[:len(leaves)]] == pytest.approx(slopes, rel=1e-8, abs=1e-9*size)

@pytest.mark.parametrize('x', [-1., 0., 2.])
def test_relu_has_torchs_slope_at_its_corner_too(x):
    ours, theirs = Value(x), torch.tensor(x, requires_grad=True)
    (3*ours.relu()).backward(); (3*theirs.relu()).backward()
    assert (ours.relu().data, ours.grad) == (theirs.relu().item(), theirs.grad.item())

def test_a_slope_is_what_a_nudge_shows():
    relu = lambda v: v.relu() if isinstance(v, Value) else max(v, 0.)
    def f(a, b): return (a*b - 3)**3 + relu(a - b)*a - b**-1.5
    a, b, h = Value(2.5), Value(1.25), 1e-6
    f(a, b).backward()
    nudged = [(f(2.5 + h, 1.25), f(2.5 - h, 1.25)), (f(2.5, 1.25 + h), f(2.5, 1.25 - h))]
    assert [a.grad, b.grad] == pytest.approx([(up - down)/(2*h) for up, down in nudged], rel=1e-6)

def test_long_and_dense_graphs():
    "5,000 operations in a row need no recursion; sixty squares have 2**60 ways through them and 61 values"
    chain = start = Value(1)
    for _ in range(5000): chain = chain + start*.5
    chain.backward()
    assert (chain.data, start.grad) == (2501, 2501)
    dense = start = Value(1)
    for _ in range(60): dense = dense*dense
    dense.backward()
    assert start.grad == 2.**60

def test_slopes_add_up_until_they_are_cleared():
    a, b = Value(2), Value(5)
    result = a*b + a
    result.backward()
    first = [v.grad for v in result.history()]
    result.backward()
    assert [v.grad for v in result.history()] == [2*g for g in first]
    for v in result.history(): v.grad = 0.
    (a*b + a).backward()
    assert (a.grad, b.grad) == (6, 2)

def test_the_class_is_short_and_grows_in_short_pieces():
    source = (ROOT/'mnist_fundamentals'/'backward.py').read_text(encoding='utf-8')
    pieces = [[line for line in piece.splitlines()[1:] if line.strip()] for piece in source.split('\n# %% ')[3:]]
    pieces = [piece for piece in pieces if 'def draw_graph' not in piece[0]]
    assert len(pieces) >= 5 and max(map(len, pieces)) <= 12 and sum(map(len, pieces)) <= 70

def test_arrows_of_a_graph():
    "As many as there are parents, each with its rate; every value in a place of its own, to the right of its parents"
    from mnist_fundamentals.book.graphs import rows_of
    a, b = Value(3), Value(2)
    result = ((a*a - b).relu()*a + b)**2
    column, ways, row = rows_of(result.history())
    places = [(column[v], row[v]) for v in result.history()]
    assert len(set(places)) == len(places) and len(ways) == sum(len(v.parents) for v in result.history())
    assert all(column[p] > column[v] for v in result.history() for p in v.parents)
    result.backward()
    texts = [t.get_text() for t in draw_graph(result).texts]
    assert f'slope {a.grad:g}' in texts and 'relu' in texts and '**2' in texts
