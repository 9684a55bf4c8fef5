"What a hidden layer is for: the rings, their borders, even or odd, and what chapter 8 says of studies/hidden.csv"
import re, sys
from base64 import b64decode
from statistics import mean, stdev
import matplotlib.pyplot as plt
import pytest, torch
from conftest import ROOT, read_cells
from torch import nn

sys.path.insert(0, str(ROOT/'studies'))
import hidden
from mnist_fundamentals.book.explorers import border_explorer, draw_borders
from mnist_fundamentals.book.explorers.borders import WIDTHS, rings_net
from mnist_fundamentals.data import load_digits, set_seed
from mnist_fundamentals.linear_classifier import digit_dls
from mnist_fundamentals.simple_net import even_dls, rings, show_weights, simple_net

ROWS = hidden.read_rows()
TEXT = '\n'.join(c['source'] for c in read_cells(ROOT/'nbs'/'08_simple_net.ipynb') if c['cell_type'] == 'markdown')

def of_test(name): return [n/10_000 for n in hidden.right(ROWS, 'even', name)]

def test_the_table_is_whole():
    found = [(r['task'], r['model'], r['lr'], r['seed']) for r in ROWS]
    wanted = {('even, held back', name, lr, seed) for name in hidden.EVEN for lr in hidden.RATES['even, held back'] for seed in range(3)}
    wanted |= {('even', name, hidden.chosen(ROWS, name), seed) for name in hidden.EVEN for seed in range(10, 20)}
    wanted |= {('3 or 7, held back', name, lr, seed) for name in hidden.EVEN for lr in hidden.TWO_DIGITS for seed in range(20)}
    wanted |= {('rings', str(n), lr, seed) for n in WIDTHS for lr in hidden.RATES['rings'] for seed in range(20)}
    assert len(found) == len(set(found)) and set(found) == wanted
    assert {(r['task'], r['of']) for r in ROWS} == {('even, held back', len(load_digits('held_back', range(10))[0])), ('even', 10_000),
                                                    ('3 or 7, held back', len(load_digits('held_back')[0])), ('rings', 2000)}

@pytest.mark.parametrize('units', [2, 3, 8])
def test_a_row_of_the_rings_comes_out_again(units):
    "Another processor rounds otherwise: within ten of 2,000 dots"
    row = next(r for r in ROWS if (r['task'], r['model'], r['lr'], r['seed']) == ('rings', str(units), 3., 0))
    assert abs(hidden.on_rings(units, 3., 0)[0] - row['right']) <= 10

def test_a_row_of_even_or_odd_comes_out_again():
    row = next(r for r in ROWS if (r['task'], r['model'], r['lr'], r['seed']) == ('even, held back', 'one linear layer', 3., 0))
    right, of = hidden.digits('one linear layer', 3., 0, even_dls(held_back=True))
    assert of == row['of'] and abs(right - row['right']) <= 40

def test_a_row_of_3_or_7_comes_out_again():
    row = next(r for r in ROWS if (r['task'], r['model'], r['lr'], r['seed']) == ('3 or 7, held back', 'two, nothing between', .1, 0))
    right, of = hidden.digits('two, nothing between', .1, 0, digit_dls(held_back=True), hidden.TWO_DIGITS[.1])
    assert of == row['of'] and abs(right - row['right']) <= 3

def test_the_page_has_the_table_of_3_or_7():
    for name in hidden.EVEN:
        told = re.search(rf'(?m)^\| {name} \| ([\d.]+) \| ([\d.]+) \|$', TEXT).groups()
        assert told == tuple(f"{mean(hidden.right(ROWS, '3 or 7, held back', name, lr)):.2f}" for lr in hidden.TWO_DIGITS)

def test_the_page_has_the_table_of_the_rings():
    header, solved = (re.findall(r'\d+', line.partition('20 starts')[2] or line) for line in
                      re.search(r'(?m)^(\| hidden units \|.*)\n\|[-|]+\n(\| solved .*)$', TEXT).groups())
    assert list(map(int, header)) == WIDTHS
    found = [sum(n >= hidden.SOLVED for n in hidden.right(ROWS, 'rings', str(units), 3.)) for units in WIDTHS]
    assert list(map(int, solved)) == found

def test_the_page_has_the_table_of_even_or_odd():
    for name in hidden.EVEN:
        told = re.search(rf'(?m)^\| {name} \| (\d+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$', TEXT).groups()
        values = of_test(name)
        assert float(told[0]) == hidden.chosen(ROWS, name)
        assert told[1:] == tuple(f'{v:.4f}' for v in (mean(values), stdev(values), min(values), max(values)))

def test_dots_lie_in_two_rings_half_in_each():
    x, y = rings(1000, seed=5)
    away = x.norm(dim=1)
    assert x.shape == (1000, 2) and y.shape == (1000, 1) and y.sum() == 500
    for ring, radius in ((1, 1.), (0, 2.)): assert abs(away[y[:, 0] == ring].mean() - radius) < .03
    assert torch.equal(rings(1000, seed=5)[0], x) and not torch.equal(rings(1000, seed=6)[0], x)
    assert x.mean(0).abs().max() < .2

def test_two_units_leave_a_way_out():
    "Of each dot with a score above 0: a direction on which the score never falls (question 6)"
    rng = torch.Generator().manual_seed(0)
    angles = torch.arange(720)*torch.pi/360
    ways = torch.stack([angles.cos(), angles.sin()], 1)[:, None]*torch.linspace(0, 50, 51)[:, None]   # [720,51,2]
    for _ in range(100):
        weights, bias, out = (torch.randn(shape, generator=rng) for shape in ((2, 2), (2,), (2,)))
        start = torch.randn(2, generator=rng)
        scores = (((start + ways)@weights.T + bias).clip(0)*out).sum(-1)
        assert (scores.diff() >= -1e-4).all(1).any()

def test_three_units_can_close_a_hexagon():
    angles = torch.tensor([0., 120., 240.]).deg2rad()
    score = lambda x: 1.45 - (x@torch.stack([angles.cos(), angles.sin()])).clip(0).sum(1)
    round_it = torch.arange(360).deg2rad()
    ring = torch.stack([round_it.cos(), round_it.sin()], 1)
    assert (score(1.44*ring) > 0).all() and (score(1.69*ring) < 0).all()     # the circles in it and around it
    x, y = rings(2000, 1)
    assert ((score(x) > 0) == (y[:, 0] == 1)).float().mean() > .99

def test_explorer_of_borders():
    explorer = border_explorer()
    bundle = explorer._repr_mimebundle_()
    assert b64decode(bundle['image/png']) == explorer.still != explorer.picture.value
    explorer.sweep()
    explorer.sliders['hidden'].value = 3
    explorer.sliders['seed'].value = 1
    assert explorer.readout.value == f'3 hidden units, start 1: {rings_net(3, 1)[1]:.3f} of the new dots'

def test_borders_of_models_without_one():
    "A score that is above 0 everywhere has no border to draw"
    level = nn.Linear(2, 1)
    nn.init.zeros_(level.weight), nn.init.ones_(level.bias)
    draw_borders({'level': level, 'a line': nn.Linear(2, 1)}, *rings(20, 0))
    assert [ax.get_title() for ax in plt.gcf().axes] == ['level', 'a line']
    plt.close('all')

def test_even_dls_are_all_digits_and_two_parts():
    for held_back, sizes in ((False, [60_000, 10_000]), (True, [50_004, 9_996])):
        loaders = even_dls(held_back)
        assert [sum(len(x) for x, _ in dl) for dl in loaders] == sizes
        x, y = next(iter(loaders[1]))
        assert x.shape == (256, 784) and y.shape == (256, 1) and 0 <= x.min() and x.max() <= 1 and (y == 1).all()   # zeros come first
    _, labels = load_digits('valid', range(10))
    assert sum(int(y.sum()) for _, y in even_dls()[1]) == (labels % 2 == 0).sum()

def test_pictures_of_weights_are_numbered_and_signed():
    set_seed(0)
    net = simple_net(4)
    titles = [ax.get_title() for ax in show_weights(net).axes]
    assert titles == [f'{i}: {w:+.1f}' for i, w in enumerate(net[2].weight[0].tolist())]
    assert [ax.get_title() for ax in show_weights(nn.Sequential(nn.Linear(784, 2), nn.Linear(2, 10))).axes] == ['0', '1']
    plt.close('all')
