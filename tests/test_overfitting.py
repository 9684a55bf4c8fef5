"Chapter 11: what its functions do with any data, and what the page says of studies/overfit.py"
import math, sys
import pytest, torch
import torch.nn.functional as F
from statistics import mean, stdev
from hypothesis import given, settings, strategies as st
from torch import nn
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as V
from conftest import ROOT
from mnist_fundamentals.book.loaders import tensor_loader
from mnist_fundamentals.book.studies import best_amounts, overfit_study
from mnist_fundamentals.data import load_digits, set_seed
from mnist_fundamentals.learner import BasicOptim
from mnist_fundamentals.linear_classifier import train_epoch, train_model
from mnist_fundamentals.overfitting import (Dropout, Moved, WeightDecay, dropout, few_digits, large_net, loss_and_accuracy,
    random_shift_turn, shift_turn, train_until_best, train_watched, with_dropout)
from mnist_fundamentals.ten_digits import class_accuracy

sys.path.insert(0, str(ROOT/'studies'))
import overfit

few = settings(max_examples=30, deadline=None)
WHOLE, SHARE = st.integers(-28, 28), st.floats(0, .95)

def blobs(n=3, seed=0):
    "Noise in the middle of the page, so that small moves lose nothing"
    x = torch.zeros(n, 1, 28, 28)
    x[..., 9:19, 9:19] = torch.rand(n, 1, 10, 10, generator=torch.Generator().manual_seed(seed))
    return x

def to(n, value): return torch.full((n,), float(value))

# Pictures

@few
@given(st.integers(1, 30), st.integers(0, 5), st.sampled_from(['fit', 'held_back', 'valid']))
def test_few_digits_are_balanced_and_the_more_contain_the_fewer(tens, seed, split):
    x, y = few_digits(10*tens, seed, split)
    assert x.shape == (10*tens, 1, 28, 28) and 0 <= x.min() and x.max() <= 1 and (y.bincount(minlength=10) == tens).all()
    more, labels = few_digits(10*tens + 50, seed, split)
    for d in range(10): assert torch.equal(more[labels == d][:tens], x[y == d])

def test_few_digits_are_of_their_part_and_of_their_seed():
    images, labels = load_digits('held_back', range(10))
    x, y = few_digits(100, 3, 'held_back')
    for page, digit in zip((255*x).round().byte(), y): assert (images[labels == digit] == page).flatten(1).all(1).sum() == 1
    assert torch.equal(few_digits(100, 3, 'held_back')[0], x) and not torch.equal(few_digits(100, 4, 'held_back')[0], x)

@pytest.mark.parametrize('n', [0, -10, 5, 505, 45_190])
def test_few_digits_refuses(n):
    with pytest.raises(ValueError, match='n must be a multiple of 10'): few_digits(n)

@few
@given(WHOLE, WHOLE)
def test_whole_shifts_move_pixels_and_lose_what_leaves(right, down):
    x = torch.rand(2, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(shift_turn(x, to(2, right), to(2, down), to(2, 0)), F.pad(x, (right, -right, down, -down)), atol=1e-4)

@few
@given(st.integers(-4, 4))
def test_quarter_turns_are_exact(k):
    x = torch.rand(2, 3, 28, 28, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(shift_turn(x, to(2, 0), to(2, 0), to(2, 90*k)), x.rot90(-k, (2, 3)), atol=1e-4)

@few
@given(st.floats(-6, 6), st.floats(-6, 6), st.floats(-180, 180))
def test_shift_turn_equals_torchvision(right, down, turn):
    x = blobs(2)
    theirs = V.affine(x, turn, [right, down], 1, [0, 0], interpolation=InterpolationMode.BILINEAR)
    assert torch.allclose(shift_turn(x, to(2, right), to(2, down), to(2, turn)), theirs, atol=1e-3)

def test_each_picture_has_its_own_amounts():
    x, right, turn = blobs(4), torch.tensor([0., 1, 2, 3]), torch.tensor([0., 10, -20, 90])
    for i, page in enumerate(shift_turn(x, right, -right, turn)):
        assert torch.allclose(page, shift_turn(x[i:i+1], right[i:i+1], -right[i:i+1], turn[i:i+1])[0], atol=1e-5)

@few
@given(st.floats(0, 4), st.sampled_from([torch.float32, torch.float64]))
def test_random_shifts_stay_within_their_bound(shift, dtype):
    x = torch.zeros(50, 1, 28, 28, dtype=dtype)
    x[:, 0, 14, 13] = 1
    out = random_shift_turn(x, shift, 0.)
    places = torch.arange(28, dtype=dtype)
    for axis, start in ((2, 14), (3, 13)):
        middle = (out.sum((1, 5 - axis))*places).sum(1)/out.sum((1, 2, 3))
        assert out.dtype == dtype and (middle - start).abs().max() <= shift + 1e-3
    assert torch.allclose(random_shift_turn(x, 0., 0.), x, atol=1e-4)

def test_moved_deals_the_same_targets_and_new_pictures_each_time():
    dl = tensor_loader(blobs(20), torch.arange(20), 8)
    first, second = list(Moved(dl)), list(Moved(dl))
    assert len(Moved(dl)) == len(first) == 3 and torch.equal(torch.cat([y for _, y in first]), torch.arange(20))
    assert not any(torch.equal(a, b) for (a, _), (b, _) in zip(first, second))
    assert torch.allclose(next(iter(Moved(dl, 0., 0.)))[0], next(iter(dl))[0], atol=1e-5)

def test_moves_are_refused():
    for bad in (dict(shift=-1), dict(turn=-1)):
        with pytest.raises(ValueError, match='0 or more'): random_shift_turn(blobs(), **bad)
    with pytest.raises(ValueError, match='batch axis'): shift_turn(blobs()[0], to(3, 0), to(3, 0), to(3, 0))
    with pytest.raises(ValueError, match='one shape'): shift_turn(blobs(), to(3, 0), to(3, 0), to(2, 0))

# Dropout

@few
@given(SHARE, st.integers(0, 99), st.sampled_from([torch.float32, torch.float64]), st.lists(st.integers(1, 9), min_size=1, max_size=3))
def test_dropout_equals_torch_in_value_and_gradient(p, seed, dtype, shape):
    found = []
    for function in (dropout, F.dropout, Dropout(p), nn.Dropout(p)):
        set_seed(seed)
        x = torch.randn(shape, dtype=dtype).requires_grad_()
        out = function(x) if isinstance(function, nn.Module) else function(x, p)
        out.sum().backward()
        found.append((out.detach(), x.grad))
    for out, grad in found[1:]: assert torch.equal(out, found[0][0]) and torch.equal(grad, found[0][1])
    out, grad = found[0]
    assert ((out == 0) | torch.isclose(out*(1 - p), x.detach())).all()

@few
@given(SHARE)
def test_dropout_keeps_the_mean_and_is_off_in_use(p):
    set_seed(0)
    ones = torch.ones(200_000)
    out = dropout(ones, p)
    assert abs((out == 0).float().mean() - p) < .01 and abs(out.mean() - 1) < 6*math.sqrt(p/(1 - p)/200_000) + 1e-5
    assert torch.equal(Dropout(p).eval()(ones), ones)

@pytest.mark.parametrize('p', [1., -.1, 2.])
def test_dropout_refuses(p):
    for make in (lambda: dropout(torch.ones(3), p), lambda: Dropout(p), lambda: with_dropout(large_net(2), p)):
        with pytest.raises(ValueError, match='p must be'): make()

def test_with_dropout_keeps_the_layers_and_their_weights():
    net = large_net(4)
    thinned = with_dropout(net, .25)
    assert [type(m).__name__ for m in thinned] == ['Flatten', 'Linear', 'ReLU', 'Dropout', 'Linear', 'ReLU', 'Dropout', 'Linear']
    assert [a is b for a, b in zip(net.parameters(), thinned.parameters())] == [True]*6
    x = torch.rand(5, 1, 28, 28)
    assert torch.equal(thinned.eval()(x), net(x)) and not torch.equal(thinned.train()(x), net(x))

# Training

def task(n=40, seed=0):
    "Rows of two kinds, a batch at a time, and a net for them"
    set_seed(seed)
    x = torch.randn(n, 5)
    y = (x[:, 0] + .5*torch.randn(n) > 0).long()
    return nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 2)), x, y

@few
@given(st.floats(1e-3, .5), st.floats(0, .5), st.integers(0, 9))
def test_weight_decay_equals_torch(lr, weight_decay, seed):
    nets = []
    for make in (WeightDecay, torch.optim.SGD):
        net, x, y = task(seed=seed)
        opt = make(net.parameters(), lr, weight_decay=weight_decay)
        for _ in range(4): train_epoch(net, [(x, y)], opt, F.cross_entropy)
        nets.append(net)
    for a, b in zip(*(net.parameters() for net in nets)): assert torch.equal(a, b)

def test_weight_decay_is_the_slope_of_the_squares():
    w = torch.randn(9, generator=torch.Generator().manual_seed(0)).requires_grad_()
    (.5*.3*w.square().sum()).backward()
    pull, w.grad = w.grad, torch.zeros(9)
    assert torch.allclose(WeightDecay([w], .1, .3).direction(w), pull)
    assert torch.equal(WeightDecay([w], .1, 0).direction(w), BasicOptim([w], .1).direction(w))
    with pytest.raises(ValueError, match='weight_decay must be 0 or more'): WeightDecay([w], .1, -1)

def test_watching_changes_nothing_and_agrees_with_the_loop_of_chapter_5():
    found = []
    for train in ('watched', 'model'):
        net, x, y = task()
        opt, dl = BasicOptim(net.parameters(), .3), tensor_loader(x, y, 7, shuffle=True)
        set_seed(5)
        if train == 'watched': seen = train_watched(net, dl, {'own': (x, y), 'part': (x[:9], y[:9])}, opt, 4)
        else: accuracies = train_model(net, dl, [(x, y)], opt, F.cross_entropy, 4, class_accuracy)
        found.append(net)
    assert {name: list(rows.shape) for name, rows in seen.items()} == {'own': [4, 2], 'part': [4, 2]}
    assert seen['own'][:, 1].tolist() == pytest.approx(accuracies)
    for a, b in zip(*(net.parameters() for net in found)): assert torch.equal(a, b)
    assert tuple(seen['own'][-1].tolist()) == pytest.approx(loss_and_accuracy(net, x, y))
    with pytest.raises(ValueError, match='epochs'): train_watched(net, dl, {}, opt, 0)

class Script:
    "An optimizer that sets the bias of a net so that its loss is the next one of a list"
    def __init__(self, net, losses): self.net, self.losses = net, iter(losses)
    def zero_grad(self): pass
    def step(self):
        with torch.no_grad(): self.net.bias.copy_(torch.tensor([-math.log(math.expm1(next(self.losses))), 0.]))

@few
@given(st.lists(st.floats(.01, 9), min_size=1, max_size=25), st.integers(1, 6))
def test_stopping_early_waits_and_returns_to_the_best(wanted, patience):
    net, held = nn.Linear(1, 2).double(), (torch.zeros(1, 1).double(), torch.tensor([0]))
    losses = train_until_best(net, [held], held, Script(net, wanted), patience, len(wanted))
    assert losses == pytest.approx(wanted[:len(losses)], rel=1e-6)
    best = losses.index(min(losses)) + 1
    assert len(losses) == min(best + patience, len(wanted))
    assert loss_and_accuracy(net, *held)[0] == min(losses)

def test_stopping_early_refuses():
    net, held = nn.Linear(1, 2), (torch.zeros(1, 1), torch.tensor([0]))
    for bad in (dict(patience=0), dict(epochs=0)):
        with pytest.raises(ValueError, match='1 or more'): train_until_best(net, [held], held, Script(net, [1.]), **bad)

# The study

ROWS = overfit.read_rows()

def accuracies(cure, amount=None, part='held_back'):
    "One a seed, in the order of the seeds"
    rows = overfit.rows_of(ROWS, part, cure, amount and str(amount))
    return [r['new_right']/r['new_of'] for r in sorted(rows, key=lambda r: r['seed'])]

def test_the_table_is_whole():
    found = [(r['part'], r['cure'], r['amount'], r['seed']) for r in ROWS]
    wanted = {('held_back', cure, str(amount), seed) for cure, amounts in overfit.AMOUNTS.items() for amount in amounts for seed in overfit.SEEDS}
    wanted |= {('valid', cure, overfit.chosen(ROWS, cure), seed) for cure in overfit.REPORTED for seed in overfit.SEEDS}
    assert len(found) == len(set(found)) and set(found) == wanted and len(overfit.SEEDS) == 5
    assert {(r['part'], r['new_of']) for r in ROWS} == {('held_back', 9996), ('valid', 10_000)}
    for r in ROWS:
        pictures = overfit.recipe(r['cure'], r['amount'], r['part'])['n']
        full = max(5, round(100_000/pictures))*-(-pictures//50)
        assert r['trained_of'] == pictures and (r['steps'] < full if r['cure'] == 'stopping early' else r['steps'] == full)

def test_amounts_do_not_lie_at_the_end_of_their_row():
    "But for the smallest weight decay: it could as well be none"
    for cure in ('shifts and turns', 'dropout', 'shifts, turns and dropout'):
        amounts = list(map(str, overfit.AMOUNTS[cure]))
        assert overfit.chosen(ROWS, cure) in amounts[1:-1]

@pytest.fixture
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)

@pytest.mark.parametrize('cure, amount', [('stopping early', '10'), ('nothing', '-'), ('dropout', '0.5')])
def test_a_row_comes_out_again(one_thread, cure, amount):
    "Another processor rounds otherwise: within some pictures; on one thread, as in the study"
    row, = [r for r in overfit.rows_of(ROWS, 'held_back', cure, amount) if r['seed'] == 0]
    found = overfit.judged(cure, amount, 0, 'held_back')
    assert abs(found['new_right'] - row['new_right']) <= 60 and found['new_of'] == row['new_of']
    assert abs(found['steps'] - row['steps']) <= 60 and float(found['new_loss']) == pytest.approx(row['new_loss'], rel=.1)

def test_more_pictures_count_most():
    "From 5,000 on the worst seed is ahead of the best seed of any other cure, the cures together included"
    others = [a for cure, amounts in overfit.AMOUNTS.items() if cure != 'more pictures' for amount in amounts for a in accuracies(cure, amount)]
    for n in (5000, 20_000, 50_004): assert min(accuracies('more pictures', n)) > max(others)
    means = [mean(accuracies('nothing'))] + [mean(accuracies('more pictures', n)) for n in overfit.AMOUNTS['more pictures']]
    assert means == sorted(means)

def test_the_page_s_tables_are_those_of_the_study():
    study = overfit_study()
    best = best_amounts(study)
    assert {cure: group.amount.unique().tolist() for cure, group in best.groupby('cure')} == {
        cure: [overfit.chosen(ROWS, cure)] for cure in overfit.AMOUNTS}
    for cure, group in best.groupby('cure'): assert group.accuracy.mean() == pytest.approx(mean(accuracies(cure, overfit.chosen(ROWS, cure))))
    assert set(study.pictures) == {500, 1000, 2000, 5000, 20_000, 50_004, 60_000}
