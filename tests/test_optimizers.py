"Our optimizers take the steps of torch.optim's, and the study of them says what chapter 6 says"
import sys
import numpy as np, pytest, torch
from hypothesis import given, settings, strategies as st
from conftest import ROOT
from mnist_fundamentals.learner import Adam, BasicOptim, Momentum

sys.path.insert(0, str(ROOT/'studies'))
import optimizers, recipes

STEPS = 50
rates = st.floats(1e-4, 1.)
kept = st.floats(0, .99)
shapes = st.lists(st.lists(st.integers(1, 5), min_size=0, max_size=3), min_size=1, max_size=3)
seeds = st.integers(0, 2**31 - 1)

def walk(make, shapes, seed, dtype, steps=STEPS):
    "Every place on the way of parameters whose gradients are drawn at random, some of them missing, of unlike sizes"
    rng = torch.Generator().manual_seed(seed)
    draw = lambda shape: torch.randn(shape, generator=rng, dtype=torch.float64)
    params = [draw(shape).to(dtype).requires_grad_() for shape in shapes]
    sizes = [10**(draw(()).clip(-3, 2)).item() for _ in shapes]
    opt, places = make(params), []
    for step in range(steps):
        for i, (p, size) in enumerate(zip(params, sizes)):
            missing = torch.rand((), generator=rng) < .2 or i == 2    # the third never has one
            p.grad = None if missing else (draw(p.shape)*size).to(dtype)
        opt.step()
        opt.zero_grad()
        assert all(p.grad is None for p in params)
        places += [torch.cat([p.detach().flatten() for p in params]).clone()]
    return torch.stack(places).double()

def differ(a, b):
    "The largest difference, in parts of the largest number where that is above 1"
    return ((a - b).abs()/b.abs().clip(1)).max().item()

CASES = {
    'sgd': (lambda ps, lr, m, b2: BasicOptim(ps, lr), lambda ps, lr, m, b2: torch.optim.SGD(ps, lr)),
    'momentum': (lambda ps, lr, m, b2: Momentum(ps, lr, m), lambda ps, lr, m, b2: torch.optim.SGD(ps, lr, momentum=m)),
    'adam': (lambda ps, lr, m, b2: Adam(ps, lr, (m, b2)), lambda ps, lr, m, b2: torch.optim.Adam(ps, lr, (m, b2)))}

@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-7), (torch.float32, 1e-4)], ids=['float64', 'float32'])
@pytest.mark.parametrize('name', CASES)
@settings(max_examples=30, deadline=None)
@given(shapes=shapes, seed=seeds, lr=rates, momentum=kept, beta2=st.floats(0, .9999))
def test_the_same_places_as_torch_over_fifty_steps(name, dtype, tolerance, shapes, seed, lr, momentum, beta2):
    ours, theirs = (walk(lambda ps: make(ps, lr, momentum, beta2), shapes, seed, dtype) for make in CASES[name])
    assert differ(ours, theirs) <= tolerance

@settings(max_examples=30, deadline=None)
@given(seed=seeds, lr=rates, momentum=kept, beta1=kept, beta2=kept)
def test_three_steps_by_the_formula(seed, lr, momentum, beta1, beta2):
    "Polyak's and Kingma and Ba's, each sum written out in full"
    g = np.random.default_rng(seed).normal(size=(3, 4))
    def after(opt):
        p = opt.params[0]
        for row in g: p.grad = torch.tensor(row); opt.step()
        return p.detach().numpy()
    def start(): return [torch.zeros(4, dtype=torch.float64, requires_grad=True)]
    sums = [sum(momentum**(t - i)*g[i] for i in range(t + 1)) for t in range(3)]
    assert np.allclose(after(Momentum(start(), lr, momentum)), -lr*sum(sums), rtol=1e-9, atol=1e-12)
    mean = lambda beta, rows, t: sum(beta**(t - i)*rows[i] for i in range(t + 1))/sum(beta**i for i in range(t + 1))
    steps = [mean(beta1, g, t)/(np.sqrt(mean(beta2, g**2, t)) + 1e-8) for t in range(3)]
    assert np.allclose(after(Adam(start(), lr, (beta1, beta2))), -lr*sum(steps), rtol=1e-7, atol=1e-9)

def test_defaults_are_torchs():
    a, b = (make([torch.ones(1, requires_grad=True)]) for make in (Adam, torch.optim.Adam))
    group = b.param_groups[0]
    assert (a.lr, a.betas, a.eps) == (group['lr'], group['betas'], group['eps'])

@pytest.mark.parametrize('make', [BasicOptim, Momentum, Adam])
def test_without_a_gradient_a_parameter_stays_and_is_not_remembered(make):
    still, moved = (torch.ones(2, requires_grad=True) for _ in range(2))
    opt = make([still, moved], .1)
    moved.grad = torch.ones(2)
    opt.step()
    assert still.tolist() == [1, 1] and moved.tolist() != [1, 1]
    kept = {**getattr(opt, 'sums', {}), **getattr(opt, 'state', {})}
    assert still not in kept and (moved in kept or make is BasicOptim)

@pytest.mark.parametrize('make', [Momentum, Adam])
def test_what_is_kept_is_no_view_of_the_gradient(make):
    "A gradient cleared in place, as zero_grad(set_to_none=False) does it, must not change the memory"
    p, q = (torch.ones(2, requires_grad=True) for _ in range(2))
    a, b = make([p], .1), make([q], .1)
    for step in range(3):
        p.grad, q.grad = torch.ones(2), torch.ones(2)
        a.step(); b.step()
        q.grad.zero_()
    assert torch.equal(p, q)

@pytest.mark.parametrize('make', [BasicOptim, Momentum, Adam])
def test_on_the_meta_device_nothing_is_made_on_the_cpu(make):
    p = torch.ones(3, 2, device='meta', requires_grad=True)
    opt = make([p], .1)
    for step in range(2):
        p.grad = torch.ones(3, 2, device='meta')
        opt.step()
    kept = [*getattr(opt, 'sums', {}).values(), *(t for m, v, _ in getattr(opt, 'state', {}).values() for t in (m, v))]
    assert {t.device.type for t in kept} <= {'meta'} and (kept or make is BasicOptim) and p.device.type == 'meta'

@pytest.mark.parametrize('make, says', [
    (lambda ps: Momentum(ps, .1, 1.), 'momentum must be 0 or more and below 1'), (lambda ps: Momentum(ps, .1, -.1), 'momentum'),
    (lambda ps: Adam(ps, .1, (1., .9)), 'beta1'), (lambda ps: Adam(ps, .1, (.9, float('nan'))), 'beta2'),
    (lambda ps: Adam(ps, 0), 'lr must be above 0'), (lambda ps: Momentum([], .1), 'empty')])
def test_refused(make, says):
    with pytest.raises(ValueError, match=says): make([torch.ones(1, requires_grad=True)])

# The study

ROWS = optimizers.read_rows()
runs = lambda optimizer, lr, epochs=40: optimizers.right(ROWS, optimizer, lr, epochs)

def test_the_table_is_whole():
    found = sorted((r['optimizer'], float(r['lr']), int(r['seed']), int(r['epochs'])) for r in ROWS)
    assert found == sorted((name, lr, seed, epochs) for name, (_, rates) in optimizers.GRID.items() for lr in rates
                           for seed in range(optimizers.SEEDS) for epochs in optimizers.EPOCHS)
    assert {int(r['of']) for r in ROWS} == {recipes.HELD}

def test_a_row_comes_out_again():
    "Another processor rounds otherwise: within three pictures"
    row = {epochs: runs('adam', .03, epochs)[0] for epochs in optimizers.EPOCHS}
    assert all(abs(n - row[epochs]) <= 3 for epochs, n in optimizers.train('adam', .03, 0).items())

@pytest.mark.parametrize('epochs', [10, 20, 40])
def test_plain_sgd_is_chapter_5s(epochs):
    assert runs('sgd', 10., epochs) == [int(r['right']) for r in recipes.read_rows() if (
        r['model'], float(r['lr']), int(r['epochs'])) == ('linear', 10., epochs)]

def test_what_the_chapter_says_of_the_table():
    "Momentum gains nothing over plain SGD, Adam about three pictures, each at its best rate"
    best = {name: max((sum(runs(name, lr)), lr) for lr in rates)[1] for name, (_, rates) in optimizers.GRID.items()}
    assert best == {'sgd': 10., 'momentum': 1., 'adam': .03}
    assert all(min(rates) < best[name] < max(rates) for name, (_, rates) in optimizers.GRID.items() if name != 'sgd')
    gain, error = optimizers.paired(runs('momentum', 1.), runs('sgd', 10.))
    assert abs(gain) < error
    gain, error = optimizers.paired(runs('adam', .03), runs('sgd', 10.))
    assert gain > 10*error and round(gain) == 3
    assert recipes.chosen(recipes.read_rows(), 'linear')['lr'] == 10.
